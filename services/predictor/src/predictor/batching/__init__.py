"""Batches as the predictor accepts and shows them."""

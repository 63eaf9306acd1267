"""The monitor: keeps the prediction log, computes drift and quality, shows pages."""

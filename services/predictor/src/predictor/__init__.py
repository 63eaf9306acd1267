"""The predictor: answers predictions over HTTP from models that were loaded once."""

"""Asking the predictors how they are."""

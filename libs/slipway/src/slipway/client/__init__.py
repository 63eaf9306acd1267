"""The Python client of a Slipway service."""

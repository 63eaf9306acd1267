"""The described routes, a module for each module of `predictor.routes`."""

"""How fast the predictor is, beside what else could serve the same models on the same machine."""

"""Training sets in the store: what a version was trained on, and what the next one is made from."""

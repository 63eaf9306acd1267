"""Models: what goes in, how they are stored, loaded, run and trained."""

"""How good are the predictions? Once labels come: measured. Before: estimated, and how far off that was."""

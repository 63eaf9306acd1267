"""make demo-loop: the kind of spam shifts, and the stack learns it by itself."""

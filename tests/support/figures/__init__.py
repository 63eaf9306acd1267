"""A monitored world whose every figure can be recomputed, and the definitions to do it by."""

"""Is a challenger good enough to be asked by anybody? Compared with the champion on the same rows."""

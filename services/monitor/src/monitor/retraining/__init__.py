"""Closing the loop: from figures to a trained challenger, and from there to the champion or away."""

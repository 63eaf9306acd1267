"""The prediction log: every prediction that reached the monitor, once, with its label when it comes."""

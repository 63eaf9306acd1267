"""One module a subject, each with its blueprint `bp`."""

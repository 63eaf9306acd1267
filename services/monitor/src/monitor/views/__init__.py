"""What routes and pages show, read from the log: the same for both."""

"""From the streams into the log, each entry once."""

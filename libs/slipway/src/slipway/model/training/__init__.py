"""From a recipe and data to the files of a version."""

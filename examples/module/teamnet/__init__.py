"""A team's own package, as it would be installed in the images."""

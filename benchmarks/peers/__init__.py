"""The same models behind other servers, as their documentation shows; each in an environment of its own."""

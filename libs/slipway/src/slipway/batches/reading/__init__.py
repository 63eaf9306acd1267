"""A request's body as rows, read as it comes: JSON, NDJSON, CSV, each also inflated.

Every reader yields a row's value as it was sent, or the InvalidInput or InvalidJSON that says
why there is none; what makes the whole body unreadable is raised.
"""

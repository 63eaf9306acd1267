"""Real parts for tests: servers and processes that a test starts, and ends by id."""

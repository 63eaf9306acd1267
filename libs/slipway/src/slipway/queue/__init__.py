"""Redis from our side: connections, the batch queue. The only place in the library that imports redis and rq."""

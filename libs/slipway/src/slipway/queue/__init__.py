"""Redis from our side: connections and the batch queue. Nowhere else does the library import redis or rq."""

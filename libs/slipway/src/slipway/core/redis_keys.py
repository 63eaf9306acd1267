"""Every Redis key that is ours (RQ's own are `rq:*`), with its bound."""

_PREFIX = "slipway:v1"

# A stream of predictions, trimmed to about SLIPWAY_EVENTS_MAX entries.
EVENTS = f"{_PREFIX}:events"
# A stream of true labels, never trimmed unread.
LABELS = f"{_PREFIX}:labels"
# The consumer group in which the monitor reads both; a group has no bound but its pending entries.
MONITOR_GROUP = "monitor"

# Rows of each open batch that have no result yet: a hash by batch, a field goes with its batch.
BATCH_PENDING_ROWS = f"{_PREFIX}:batch-pending-rows"
# Which process looks after open batches at the moment; expires after a few rounds.
BATCH_RECONCILER = f"{_PREFIX}:batch-reconciler"


def batch_lease(batch_id: str, chunk: int) -> str:
    """Who computes a chunk now; expires after seconds without a sign of life."""
    return f"{_PREFIX}:batch-lease:{batch_id}-{chunk}"


def batch_progress(batch_id: str) -> str:
    """Failed rows by committed chunk: a hash that expires with the batch."""
    return f"{_PREFIX}:batch-progress:{batch_id}"


def batch_deliveries(batch_id: str) -> str:
    """How often each chunk was put back: a hash that expires with the batch."""
    return f"{_PREFIX}:batch-deliveries:{batch_id}"


def batch_drained_rows(bucket: int) -> str:
    """Rows that were done in one stretch of ten seconds; expires after ten minutes."""
    return f"{_PREFIX}:batch-drained-rows:{bucket}"

"""Every Redis key that is ours (RQ's own are `rq:*`), with its bound."""

_PREFIX = "slipway:v1"

# A stream of predictions, trimmed to about SLIPWAY_EVENTS_MAX entries.
EVENTS = f"{_PREFIX}:events"
# A stream of true labels, never trimmed unread.
LABELS = f"{_PREFIX}:labels"
# The consumer group in which the monitor reads both; a group has no bound but its pending entries.
MONITOR_GROUP = "monitor"

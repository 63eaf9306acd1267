"""What callers are promised; operators are held to the same (deploy/prometheus/slo/objectives.yml)."""

# Of the interactive predictions over WINDOW_DAYS: the share answered without a server error, and
# the share answered within LATENCY_SECONDS. A p95 above the same bound raises an alert.
AVAILABILITY = 0.999
LATENCY_SECONDS = 0.5
WITHIN_LATENCY = 0.99
WINDOW_DAYS = 30

OBJECTIVES = {
    "window_days": WINDOW_DAYS,
    "availability": AVAILABILITY,
    "p95_seconds": LATENCY_SECONDS,
    "latency": {"seconds": LATENCY_SECONDS, "share": WITHIN_LATENCY},
}
IN_WORDS = (
    f"Over {WINDOW_DAYS} days {AVAILABILITY:.1%} of the predictions are answered without a server"
    f" error, and {WITHIN_LATENCY:.0%} of them within {LATENCY_SECONDS} s."
)

"""Metrics of others that our rules and panels ask for, by who exports them.

tests/faults/test_every_query_has_data.py asks a real one of each where it is installed.
"""

FOREIGN = {
    "prometheus_client": {"process_start_time_seconds"},
    "prometheus": {
        "up",
        "scrape_duration_seconds",
        "ALERTS",
        "prometheus_notifications_errors_total",
        "prometheus_notifications_sent_total",
        "prometheus_rule_evaluation_failures_total",
    },
    "redis_exporter": {
        "redis_up",
        "redis_memory_used_bytes",
        "redis_memory_max_bytes",
        "redis_connected_clients",
    },
    "haproxy": {
        "haproxy_backend_active_servers",
        "haproxy_backend_http_responses_total",
        "haproxy_frontend_http_responses_total",
    },
}
ALL_FOREIGN = frozenset().union(*FOREIGN.values())

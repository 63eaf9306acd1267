"""`docker compose up` gives a stack in which every part does its work."""

import json

import requests

from e2e.stack import Stack, docker, eventually

SPAM = {"message": "Congratulations! You have won a free iPhone."}


def test_every_service_is_up_and_healthy(stack: Stack) -> None:
    lines = stack.compose("ps", "--format", "json").splitlines()
    services = [json.loads(line) for line in lines]
    assert {s["Service"] for s in services} >= {
        "gateway",
        "predictor",
        "worker",
        "monitor",
        "redis",
        "prometheus",
    }
    assert {s["State"] for s in services} == {"running"}
    assert {s["Health"] for s in services} <= {"healthy", ""}


def test_a_prediction_comes_through_the_gateway(stack: Stack) -> None:
    answer = stack.predict(SPAM)
    assert answer.status_code == 200
    assert answer.json()["prediction"] == "spam"
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"]


def test_predictions_spread_over_both_replicas(stack: Stack) -> None:
    before = answered_by_replica(stack)
    for _ in range(20):
        assert stack.predict(SPAM).status_code == 200
    after = answered_by_replica(stack)
    assert len(after) == 2
    assert all(after[name] - before.get(name, 0) >= 5 for name in after)


def test_the_gateway_hides_the_metrics(stack: Stack) -> None:
    answer = requests.get(stack.url("GATEWAY", "/metrics"), timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_every_target_of_prometheus_is_up(stack: Stack) -> None:
    def targets() -> dict[str, str]:
        found = stack.prometheus("targets?state=active")["activeTargets"]
        return {
            f"{t['labels']['job']} {t['scrapeUrl']}": t["health"] + t["lastError"] for t in found
        }

    found = eventually(
        targets, lambda t: len(t) >= 8 and set(t.values()) == {"up"}, within_seconds=60
    )
    jobs = [name.split()[0] for name in found]
    assert jobs.count("predictor") == 2
    assert set(jobs) == {
        "predictor",
        "worker",
        "gateway",
        "monitor",
        "redis",
        "prometheus",
        "alertmanager",
    }


def test_alerts_arrive_in_alertmanager(stack: Stack) -> None:
    eventually(stack.alerts, lambda alerts: "Watchdog" in alerts, within_seconds=60)


def test_grafana_shows_the_dashboards(stack: Stack) -> None:
    password = stack.compose("exec", "-T", "grafana", "cat", "/run/secrets/grafana_admin_password")
    found = requests.get(
        stack.url("GRAFANA", "/api/search"), auth=("admin", password), timeout=10
    ).json()
    assert "slipway-overview" in {
        dashboard["uid"] for dashboard in found if dashboard["type"] == "dash-db"
    }


def test_nothing_runs_as_root_or_may_write_into_its_image(stack: Stack) -> None:
    for service in stack.compose("ps", "--services").split():
        for container in stack.containers(service):
            inside = json.loads(docker("inspect", container))[0]
            assert inside["HostConfig"]["ReadonlyRootfs"], service
            assert 0 not in users_of(container), service


def test_no_secret_is_in_an_environment_or_an_argument(stack: Stack) -> None:
    secret = stack.compose("exec", "-T", "redis", "cat", "/run/secrets/redis_password")
    assert len(secret) == 48
    for service in stack.compose("ps", "--all", "--services").split():
        for container in stack.containers(service):
            assert secret not in docker("inspect", container), service
            assert secret not in docker("top", container), service


def users_of(container: str) -> set[int]:
    """The user ids of its processes. (All but the first line of `ps`.)"""
    return {
        int(line.split()[0]) for line in docker("top", container, "-eo", "uid,pid").splitlines()[1:]
    }


def answered_by_replica(stack: Stack) -> dict[str, float]:
    """Predictions that each replica says it has answered."""
    ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9100/metrics').read().decode())"
    counts = {}
    for container in stack.containers("predictor"):
        lines = docker("exec", container, "python", "-c", ask).splitlines()
        mine = [
            line
            for line in lines
            if line.startswith("slipway_predictor_requests_total{") and "/predict" in line
        ]
        counts[container] = sum(float(line.rsplit(" ", 1)[1]) for line in mine)
    return counts

"""With keys on, the monitor's pages and answers are for keys with the scope `admin`."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from monitor.app import create_app
from monitor.auth import COOKIE, SESSION_SECONDS, Doorkeeper
from monitor.metrics import MonitorMetrics
from monitor.models import Models
from monitor.parts import Parts
from monitor.prediction_log.opening import migrate, open_log
from slipway.cli.why import fetch_story
from slipway.core.errors import Forbidden
from slipway.core.key_ring import KeyRing
from slipway.core.settings import MonitorSettings
from slipway.model.registry import registry_in_folder
from support.application import bearer, write_keys
from support.intake import Intake
from support.monitor_process import RunningMonitor
from support.monitored import an_event, put_events
from support.processes import RunningProcess
from support.redis_server import RedisServer
from support.references import put_alias, put_version
from support.waiting import wait_until

CLOSED = (
    "/",
    "/models/spam",
    "/models/spam/quality",
    "/models/spam/predictions",
    "/requests?id=request-1",
    "/requests/request-1",
    "/v1/models",
    "/v1/models/spam/drift",
    "/v1/models/spam/quality",
    "/v1/models/spam/timeline",
    "/v1/predictions/request-1",
    "/models/spam/retrainings",
    "/v1/models/spam/retrainings",
    "/v1/models/spam/retraining-proposal",
)
OPEN = ("/health", "/live", "/ready", "/metrics", "/sign-in", "/static/style.css")
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Closed:
    """A monitor with keys on and one prediction in its log."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "keys"
        self.keys = write_keys(self.file, shop="predict,feedback,batch", boss="admin")
        self.log = open_log(f"sqlite:///{folder / 'log.db'}")
        migrate(self.log)
        put_version(folder / "models", "spam", "1.0.0")
        put_alias(folder / "models", "spam", 1, "1.0.0")
        Intake(self.log).events(an_event())
        self.ring = KeyRing(self.file)
        parts = Parts(
            MonitorSettings(data_dir=folder),
            MonitorMetrics(CollectorRegistry()),
            self.log,
            Models(registry_in_folder(folder / "models")),
            keys=self.ring,
        )
        self.app = create_app(parts)

    def browser(self, key: str | None = None) -> FlaskClient:
        client = self.app.test_client()
        if key is not None:
            client.post("/sign-in", data={"key": key})
        return client


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Closed]:
    made = Closed(tmp_path)
    yield made
    made.log.close()


@pytest.mark.parametrize("path", CLOSED)
def test_nobody_looks_without_the_admin_scope(closed: Closed, path: str) -> None:
    client = closed.browser()
    without = client.get(path)
    assert (without.status_code, without.get_json()["error"]) == (401, "Unauthorized")
    assert without.headers["WWW-Authenticate"] == "Bearer"
    assert client.get(path, headers=bearer("slipway_wrong")).status_code == 401
    lesser = client.get(path, headers=bearer(closed.keys["shop"]))
    assert (lesser.status_code, lesser.get_json()["error"]) == (403, "Forbidden")


@pytest.mark.parametrize("path", CLOSED)
def test_the_admin_scope_opens_everything(closed: Closed, path: str) -> None:
    key = closed.keys["boss"]
    for headers in (bearer(key), {"X-API-Key": key}):
        answer = closed.browser().get(path, headers=headers)
        assert answer.status_code in (200, 302)
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert closed.browser(key).get(path, headers=HTML).status_code in (200, 302)


@pytest.mark.parametrize("path", OPEN)
def test_probes_prometheus_and_the_sign_in_page_need_no_key(closed: Closed, path: str) -> None:
    with closed.browser().get(path) as answer:
        assert answer.status_code == 200


def test_every_view_is_closed_that_does_not_say_otherwise(closed: Closed) -> None:
    """Also those that are added after this test."""
    is_open = {
        name for name, view in closed.app.view_functions.items() if hasattr(view, "slipway_public")
    }
    assert is_open == {
        "health.health",
        "health.ready",
        "health.metrics",
        "alerts.receive",
        "pages.static_file",
        "sign_in.form",
        "sign_in.sign_in",
        "sign_in.sign_out",
    }


def test_alerts_need_their_own_token_and_no_key(closed: Closed) -> None:
    answer = closed.browser().post(
        "/v1/alerts", json={"alerts": []}, headers=bearer(closed.keys["boss"])
    )
    assert (answer.status_code, "No token for alerts" in answer.text) == (403, True)


def test_a_browser_is_shown_to_the_sign_in_page_and_back(closed: Closed) -> None:
    client = closed.browser()
    asked = client.get("/models/spam/quality?days=1", headers=HTML)
    assert asked.status_code == 302
    form = client.get(asked.headers["Location"], headers=HTML)
    assert 'value="/models/spam/quality?days=1"' in form.text
    assert "frame-ancestors 'none'" in form.headers["Content-Security-Policy"]
    wanted = {"key": closed.keys["boss"], "next": "/models/spam/quality?days=1"}
    done = client.post("/sign-in", data=wanted)
    assert (done.status_code, done.headers["Location"]) == (303, "/models/spam/quality?days=1")
    assert "Sign out" in client.get("/", headers=HTML).text


def test_the_sessions_cookie_is_for_this_site_alone_and_holds_no_key(closed: Closed) -> None:
    key = closed.keys["boss"]
    answer = closed.browser().post("/sign-in", data={"key": key})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert key not in cookie
    over_tls = closed.browser().post(
        "/sign-in", data={"key": key}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in over_tls.headers["Set-Cookie"]


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("shop", 403)])
def test_a_key_that_opens_nothing_is_told_so_and_gets_no_session(
    closed: Closed, who: str, status: int
) -> None:
    answer = closed.browser().post("/sign-in", data={"key": closed.keys.get(who, "slipway_x")})
    assert answer.status_code == status
    assert "not signed in" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session_in_this_browser(closed: Closed) -> None:
    client = closed.browser(closed.keys["boss"])
    assert client.get("/v1/models").status_code == 200
    client.post("/sign-out")
    assert client.get("/v1/models").status_code == 401


def test_a_session_ends_with_its_key(closed: Closed) -> None:
    client = closed.browser(closed.keys["boss"])
    assert client.get("/v1/models").status_code == 200
    write_keys(closed.file, boss="admin", other="predict")  # the same name, another key
    assert client.get("/v1/models").status_code == 401


def test_a_session_ends_in_time_and_with_the_process(closed: Closed) -> None:
    doorkeeper = Doorkeeper(closed.ring)
    cookie = doorkeeper.session(doorkeeper.admin(closed.keys["boss"]), now=1_000.0)
    assert doorkeeper.holds(cookie, now=1_000.0 + SESSION_SECONDS)
    assert not doorkeeper.holds(cookie, now=1_002.0 + SESSION_SECONDS)
    assert not Doorkeeper(closed.ring).holds(cookie, now=1_000.0)


@pytest.mark.parametrize(
    "cookie", ["", "boss", "boss:", "boss:9999999999:", "boss:x:y", ":::", "b\u00f6ss:9:\u00e4"]
)
def test_a_made_up_cookie_is_no_session(closed: Closed, cookie: str) -> None:
    assert not Doorkeeper(closed.ring).holds(cookie, now=0.0)
    client = closed.browser()
    client.set_cookie(COOKIE, cookie)
    assert client.get("/v1/models").status_code == 401


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\nb"]
)
def test_signing_in_leads_nowhere_else(closed: Closed, elsewhere: str) -> None:
    wanted = {"key": closed.keys["boss"], "next": elsewhere}
    answer = closed.browser().post("/sign-in", data=wanted)
    assert answer.headers["Location"] == "/"


def test_without_a_word_about_keys_the_monitor_does_not_start(tmp_path: Path) -> None:
    settings = {"SLIPWAY_DATA_DIR": str(tmp_path)}
    process = RunningProcess([sys.executable, "-m", "monitor"], tmp_path / "said", settings)
    assert process.wait(60) == 1
    assert "SLIPWAY_API_KEYS_FILE" in process.output


def test_the_command_line_tells_a_story_with_the_callers_key(
    start_monitor: Callable[..., RunningMonitor],
    redis_server: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = write_keys(tmp_path / "keys", boss="admin", shop="predict")
    monitor = start_monitor(auth="on", api_keys_file=str(tmp_path / "keys"))
    put_events(redis_server.client(), an_event())
    headers = bearer(keys["boss"])
    path = "/v1/predictions/request-1"
    wait_until(
        lambda: monitor.get(path, headers=headers).status_code == 200,
        seconds=30,
        what="the log has the story",
    )
    for key in ("", keys["shop"]):
        monkeypatch.setenv("SLIPWAY_KEY", key)
        with pytest.raises(Forbidden, match="SLIPWAY_KEY"):
            fetch_story(monitor.url, "request-1")
    monkeypatch.setenv("SLIPWAY_KEY", keys["boss"])
    assert fetch_story(monitor.url, "request-1")["predictions"][0]["version"] == "1.0.0"

"""slipway replay: what was asked yesterday, asked of another version."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import msgspec
import requests
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from slipway.cli.durations import duration
from slipway.cli.where import AsJson, Models, messages, print_json, registry_at
from slipway.core.errors import Forbidden, NotFound, Unavailable
from slipway.core.settings import CallerSettings, CommandSettings
from slipway.model.transfer import download

if TYPE_CHECKING:
    from slipway.model.replaying import LoggedRow, Report

_TIMEOUT_SECONDS = 30.0
_PAGE_ROWS = 500


def replay(
    version: Annotated[str, typer.Option(help="The version that is asked, such as 3.1.0.")],
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help="UTC, 2026-11-26T08:00; or 2h ago: 2h.")
    ],
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="As --from; else now.")] = "",
    model: Annotated[
        str | None, typer.Option(help="The model; else the only one in the log.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows, the oldest.")] = 10_000,
    monitor: Annotated[str, typer.Option(help="Where the monitor is.")] = "http://127.0.0.1:8001",
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Ask a version what callers asked, and say what it answers otherwise and how long it takes.

    It needs inputs that were kept (SLIPWAY_CAPTURE_INPUTS) and nothing of what serves.
    """
    now = datetime.now(UTC)
    log = MonitorLog(monitor)
    name = model or log.only_model()
    stretch = (moment(since, now), moment(until, now) if until else now)
    # torch takes a second to import; no other subcommand waits for it.
    from slipway.model.loading import load
    from slipway.model.replaying import Replay

    registry = registry_at(models)
    with TemporaryDirectory() as folder:
        directory = Path(folder) / version
        download(registry, registry.version(name, version), directory)
        packages = CommandSettings.read().allowed_packages()
        asked = Replay(load(directory, module_packages=packages))
        with messages.status("reading the log …") as status:
            for read in asked.ask(log.rows(name, *stretch, limit)):
                status.update(f"{read} rows …")
        report = asked.report()
    if not report.rows + report.refused:
        raise NotFound(
            f"The log has no request of {name} in that time whose inputs were kept "
            "(SLIPWAY_CAPTURE_INPUTS of predictor and monitor)."
        )
    if json:
        print_json({**msgspec.to_builtins(report), "changed_ratio": report.changed_ratio})
    else:
        show(report, Console())


def moment(text: str, now: datetime) -> datetime:
    """A time in UTC, or a duration before now. Raises typer.BadParameter."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return now - duration(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


class MonitorLog:
    """What the monitor's log knows, over HTTP, with the key of SLIPWAY_KEY."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        key = CallerSettings.read().key.get_secret_value()
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def only_model(self) -> str:
        """Raises NotFound where there is none, or more than one."""
        names = [each["model"] for each in self._get("/v1/models", {})["models"]]
        if len(names) != 1:
            known = f"it knows {', '.join(names)}" if names else "it knows none"
            raise NotFound(f"Say which model with --model: {known}.")
        name: str = names[0]
        return name

    def rows(
        self, model: str, since: datetime, until: datetime, limit: int
    ) -> "Iterator[LoggedRow]":
        """Rows whose inputs were kept, oldest first, `limit` at most."""
        from slipway.model.replaying import LoggedRow

        path = f"/v1/models/{quote(model, safe='')}/inputs"
        query: dict[str, Any] = {"from": since.timestamp(), "to": until.timestamp()}
        left = limit
        while left > 0:
            page = self._get(path, query | {"limit": min(left, _PAGE_ROWS)})
            yield from msgspec.convert(page["rows"], list[LoggedRow])
            left -= len(page["rows"])
            if page["next"] is None:
                return
            query["after"] = page["next"]

    def _get(self, path: str, query: dict[str, Any]) -> dict[str, Any]:
        """Raises Unavailable without a monitor, Forbidden without the key that it asks for."""
        try:
            answer = self._session.get(self._url + path, params=query, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException:
            raise Unavailable(f"No monitor answers at {self._url}.") from None
        if answer.status_code in (401, 403):
            raise Forbidden("The monitor asks for a key with the scope 'admin': set SLIPWAY_KEY.")
        if answer.status_code != 200:
            raise Unavailable(f"The monitor answers {answer.status_code}.")
        found: dict[str, Any] = answer.json()
        return found


def show(report: "Report", console: Console) -> None:
    """The report as tables for a person."""
    console.print(
        f"{report.model} {report.version} was asked {report.rows} rows of {report.requests} requests "
        f"and answers {report.changed} otherwise ({report.changed_ratio:.1%})."
    )
    if report.refused:
        console.print(f"{report.refused} rows do not fit its signature and were left out.")
    if report.classes:
        classes = _table("answered then", f"by {report.version}", "rows")
        for before, now, count in report.classes:
            classes.add_row(before, now, str(count), style=None if before == now else "yellow")
        console.print(classes)
    if report.mean_difference is not None and report.largest_difference is not None:
        console.print(
            f"difference, now less then: {report.mean_difference:+.4g} on average, "
            f"{report.largest_difference:+.4g} at most"
        )
    timing = _table("one request's forward", "median", "p95")
    for what, its in (("then", report.before), (f"by {report.version}, here", report.now)):
        timing.add_row(what, _milliseconds(its.median), _milliseconds(its.p95))
    console.print(timing)
    if report.named:
        named = _table("request", "row", "version", "then", "now")
        for row in report.named:
            named.add_row(
                row.request_id,
                str(row.index),
                row.version,
                _answer(row.before, row.before_confidence),
                _answer(row.now, row.now_confidence),
            )
        console.print(named)
        if report.changed > len(report.named):
            console.print(f"… and {report.changed - len(report.named)} more")


def _answer(prediction: str | float, confidence: float | None) -> str:
    shown = prediction if isinstance(prediction, str) else f"{prediction:.6g}"
    return shown if confidence is None else f"{shown} ({confidence:.2f})"


def _milliseconds(seconds: float | None) -> str:
    return "not known" if seconds is None else f"{1000 * seconds:.2f} ms"


def _table(*headings: str) -> Table:
    table = Table(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table

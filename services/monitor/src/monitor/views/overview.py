"""Every model and its state in one sentence."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from monitor.drift.evaluating import WindowResult
from monitor.drift.limits import MIN_ROWS
from monitor.drift.reference import CONFIDENCE, PREDICTION
from monitor.models import Models
from monitor.prediction_log.finding import known_versions, newest_row
from monitor.prediction_log.happenings import open_alarms
from monitor.prediction_log.window_rows import Version, last_windows
from monitor.quality.verdict import QualityResult
from monitor.views.retraining import retraining_sentence
from monitor.views.times import ago, iso
from slipway.core.errors import Unavailable

_NAMES = {PREDICTION: "the predictions", CONFIDENCE: "confidence"}


def overview(connection: Connection, models: Models, now: float) -> list[dict[str, Any]]:
    """Each model with a prediction in the log: its champion's state."""
    versions = known_versions(connection)
    names = sorted({version.model for version in versions})
    return [_model(connection, models, name, versions, now) for name in names]


def version_to_show(models: Models, name: str, versions: Sequence[Version]) -> Version:
    """The champion where it has a row, else the version with the highest name."""
    known = [version for version in versions if version.model == name]
    try:
        champion = models.champion(name)
    except Unavailable:
        champion = None
    if champion is not None and Version(name, champion.version) in known:
        return Version(name, champion.version)
    return known[-1]


def _model(
    connection: Connection, models: Models, name: str, versions: Sequence[Version], now: float
) -> dict[str, Any]:
    version = version_to_show(models, name, versions)
    windows = last_windows(connection, version, "tumbling")
    windows = windows or last_windows(connection, version, "sliding")
    measured = last_windows(connection, version, "quality")
    result = msgspec.convert(windows[-1].result, WindowResult) if windows else None
    quality = msgspec.convert(measured[-1].result, QualityResult) if measured else None
    alarms = sorted(open_alarms(connection, *version))
    state, sentence = in_one_sentence(result, alarms, quality)
    newest = newest_row(connection, version)
    return {
        "model": name,
        "version": version.version,
        "versions": [v.version for v in versions if v.model == name],
        "state": state,
        "sentence": sentence,
        "retraining": retraining_sentence(connection, name, now),
        "last_prediction": iso(newest.time),
        "last_prediction_ago": ago(now - newest.time),
    }


def in_one_sentence(
    window: WindowResult | None, alarms: Sequence[str], quality: QualityResult | None
) -> tuple[str, str]:
    """(state, sentence) of the worst thing that is known: worse, fault, drift, insufficient_data, ok."""
    measured = _accuracy(quality)
    if quality is not None and quality.state == "worse":
        return "worse", f"Worse than in training: {measured}, expected {quality.expected:.3g}."
    faults = window.faults if window is not None else []
    if faults:
        named = ", ".join(f"{feature} ({check.replace('_', ' ')})" for feature, check in faults)
        return "fault", f"Broken data in {named}: mend the source before anything else."
    if alarms:
        named = ", ".join(_NAMES.get(feature, feature) for feature in alarms)
        return "drift", f"Drift in {named}: two of three windows differ from training."
    if window is None or window.state in ("insufficient_data", "no_reference"):
        return "insufficient_data", _too_little(window)
    return "ok", _nothing_wrong(window, measured)


def _too_little(window: WindowResult | None) -> str:
    if window is not None and window.state == "no_reference":
        return "The artifact's reference cannot be read, so drift is not judged."
    rows = 0 if window is None else round(window.n)
    return f"{rows} rows in the window: {MIN_ROWS} are needed to judge drift."


def _nothing_wrong(window: WindowResult, measured: str) -> str:
    known = f"; {measured}" if measured else "; no labels yet"
    over = sum(drift.state == "over" for drift in window.features.values())
    if over:
        return f"{over} of {len(window.features)} features differ in one window{known}."
    return f"No drift in {len(window.features)} features over {round(window.n):,} rows{known}."


def _accuracy(quality: QualityResult | None) -> str:
    if quality is None or quality.state == "insufficient_data":
        return ""
    for figure in quality.figures:
        if figure.metric in ("accuracy", "mae") and not figure.outcome:
            name = "accuracy" if figure.metric == "accuracy" else "mean absolute error"
            span = f"{figure.low:.3g} to {figure.high:.3g}"
            return f"{name} {figure.value:.3g} ({span}) of {round(figure.n):,} labelled rows"
    return ""

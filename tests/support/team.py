"""A store, a predictor that follows it, and somebody who changes things."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from slipway.cli.main import typer_app
from slipway.core.shared_settings import StoreSettings
from slipway.core.store import open_store
from slipway.model.promotion import promoted, rolled_back
from slipway.model.refusals import refused_versions
from slipway.model.registry import Registry
from slipway.model.transfer import publish
from support.predictor_process import RunningPredictor
from support.versions import retuned
from support.waiting import wait_until

NOW = datetime(2026, 11, 23, tzinfo=UTC)
Start = Callable[..., RunningPredictor]


class Team:
    """A store, a predictor that follows it, and somebody who changes things."""

    def __init__(self, folder: Path, built_in: Path, start: Start) -> None:
        self.folder = folder / "store"
        self.folder.mkdir()
        self.source = built_in / "spam" / "versions" / "1.0.0"
        self.scratch = folder / "scratch"
        self.settings = {"store_url": self.folder.as_uri(), "follow_seconds": "0.2"}
        self.registry = Registry(open_store(StoreSettings(store_url=self.folder.as_uri())))
        self._builtin = built_in
        self._start = start

    def start(self, workers: int = 2, **settings: str) -> RunningPredictor:
        self.predictor = self._start(
            builtin_models=str(self._builtin),
            model_cache=str(self.scratch.with_name("cache")),
            auth="off",
            workers=str(workers),
            **self.settings,
            **settings,
        )
        wait_until(lambda: self.processes_with("spam") == workers, what="all have loaded")
        return self.predictor

    def processes_with(self, name: str) -> int:
        """How many processes have a champion of this name."""
        return len({each["pid"] for each in self.champions() if each["model"] == name})

    def directory(self, version: str) -> Path:
        """Where the store has a version."""
        return self.folder / "models" / "spam" / "versions" / version

    def publish(self, version: str, shift: float = 0.5, spoil: Any = None) -> None:
        directory = retuned(self.source, self.scratch, version, shift)
        if spoil is not None:
            spoil(directory)
        publish(self.registry, directory)

    def promote(self, version: str) -> int:
        """The new generation."""
        newest, refused = self.registry.newest("spam"), refused_versions(self.registry, "spam")
        alias = promoted(newest, version, who="test", now=NOW, why="test", refused=refused)
        self.registry.put("spam", alias)
        return alias.generation

    def roll_back(self) -> str:
        """The version that is champion again."""
        newest, refused = self.registry.newest("spam"), refused_versions(self.registry, "spam")
        alias = rolled_back(newest, who="test", now=NOW, why="test", refused=refused)
        self.registry.put("spam", alias)
        return alias.champion

    def champions(self) -> list[dict[str, str]]:
        """The champion of each model in each process, from the metrics."""
        found = loaded(self.predictor.metrics())
        return [labels for labels in found if labels["role"] == "champion"]

    def serving(self) -> set[str]:
        """The versions that are the champion in some process."""
        return {labels["version"] for labels in self.champions()}

    def processes_that_refused(self, version: str) -> int:
        found = samples(self.predictor.metrics(), "slipway_predictor_model_load_failures_total")
        return sum(int(value) for labels, value in found if labels["version"] == version)

    def command(self, *words: str) -> None:
        """`slipway models …`, as a person would."""
        arguments = ["models", *words, "--models", self.folder.as_uri()]
        done = CliRunner().invoke(typer_app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output

    def processes_as(self, version: str, role: str) -> int:
        """How many processes have the version loaded in a role."""
        found = loaded(self.predictor.metrics())
        return len({x["pid"] for x in found if (x["version"], x["role"]) == (version, role)})

    def metadata(self) -> Any:
        return self.predictor.get("/metadata").json()


def loaded(metrics: str) -> list[dict[str, str]]:
    return [
        dict(sample.labels)
        for family in text_string_to_metric_families(metrics)
        if family.name == "slipway_predictor_model_info"
        for sample in family.samples
    ]


def samples(metrics: str, name: str) -> list[tuple[dict[str, str], float]]:
    """Every sample of this name that is not 0: its labels, its value."""
    return [
        (dict(sample.labels), sample.value)
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == name and sample.value
    ]

"""Every setting of every process, read once from SLIPWAY_* variables at start.

Each process has one frozen class; KNOWN_NAMES is the one list of all of them, so that a
misspelt name is refused instead of ignored. Sizes are bytes, durations seconds.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from slipway.core.errors import UnknownSetting
from slipway.core.retraining_settings import RetrainingSettings
from slipway.core.shared_settings import (
    BatchSettings,
    CaptureSettings,
    KeysSettings,
    ModelCacheSettings,
    ModuleSettings,
    RedisSettings,
    StoreSettings,
)

PREFIX = "SLIPWAY_"


class CommonSettings(BaseSettings):
    """What every process knows."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings of this process. Raises UnknownSetting with a sentence for a person."""
        found = os.environ if environment is None else environment
        refuse_unknown(found)
        values = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in found.items()
            if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() in cls.model_fields
        }
        try:
            return cls.model_validate(values)
        except ValidationError as wrong:
            lines = (f"{PREFIX}{_name(e['loc'])}: {e['msg']}" for e in wrong.errors())
            raise UnknownSetting("; ".join(lines)) from None


class PredictorSettings(
    CommonSettings,
    RedisSettings,
    StoreSettings,
    KeysSettings,
    CaptureSettings,
    ModuleSettings,
    BatchSettings,
    ModelCacheSettings,
):
    """The predictor: where it listens, what it serves, what it refuses."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    # /metrics and /live, away from the request workers.
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=9100, ge=0, le=65535)
    # Request processes.
    workers: int = Field(default=2, ge=1, le=64)
    # A folder laid out like the store: what is served until the store names a champion.
    builtin_models: Path = Path("models")
    # The model behind /predict.
    default_model: str = "spam"
    # How often each request process asks the store for a model's next alias.
    follow_seconds: float = Field(default=1.0, gt=0)
    device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")

    # Threads that one forward may use; request processes are the way to use more cores.
    torch_threads: int = Field(default=1, ge=1, le=256)
    # Rows of requests in flight that share one forward, of every model; 0: as many as pay, measured
    # when each is loaded.
    forward_rows: int = Field(default=0, ge=0, le=1024)
    # How long models may take to load before a request process counts as hung.
    load_timeout_seconds: int = Field(default=120, ge=1)
    # Metric files and heartbeats, wiped at start; empty: a new folder for temporary files.
    runtime_dir: Path | None = None

    max_body_bytes: int = Field(default=1_000_000, ge=1)
    # What a compressed body may become.
    max_inflated_bytes: int = Field(default=8_000_000, ge=1)
    max_instances: int = Field(default=1_000, ge=1)
    max_json_depth: int = Field(default=32, ge=2, le=200)
    # An explanation costs many forwards where a model is not linear.
    max_explained: int = Field(default=16, ge=1)

    # Entries that the stream of events may have, roughly; the oldest are trimmed.
    events_max: int = Field(default=100_000, ge=1)
    # Rows a second and request process, over 10 s, above which whole requests are sampled.
    events_per_second: float = Field(default=1_000.0, gt=0)
    # Rows a request process holds while Redis is slow or away; more are dropped and counted.
    events_buffer_max: int = Field(default=10_000, ge=1)

    # Answered rows a request process holds for a challenger in the shadow; more are not scored.
    shadow_buffer_rows: int = Field(default=500, ge=1)
    # The share of a core that scoring in the shadow may take from each request process.
    shadow_load: float = Field(default=0.2, gt=0, le=1)

    # In each request process: how many predictions are in flight at once, sharing forwards, and how
    # many more wait; as many wait for a thread, where a request needs one. Beyond both the answer
    # is Overloaded, at once.
    max_in_flight: int = Field(default=64, ge=1, le=1024)
    max_waiting: int = Field(default=64, ge=0, le=1024)
    # For each key and replica; 0: no limit. burst: how many at once after a pause, 0: a second's.
    rate_limit_per_second: float = Field(default=0.0, ge=0)
    rate_limit_burst: float = Field(default=0.0, ge=0)

    # After SIGTERM, how long answers in flight may take.
    graceful_timeout_seconds: int = Field(default=25, ge=1)
    # A request process without a sign of life for this long is not live.
    heartbeat_timeout_seconds: float = Field(default=15.0, gt=0)


class WorkerSettings(
    CommonSettings, RedisSettings, StoreSettings, ModuleSettings, ModelCacheSettings
):
    """The worker: which queue it listens on and what it computes with."""

    # One queue a process: a worker that listens on two loses jobs when it is killed.
    queue: Literal["batches", "training"] = "batches"
    # /metrics and /live.
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=9101, ge=0, le=65535)
    # A folder laid out like the store: versions that are in the image.
    builtin_models: Path = Path("models")
    device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    # Threads that one forward may use; workers are the way to use more cores.
    torch_threads: int = Field(default=1, ge=1, le=256)
    # On CUDA, half precision where torch takes it for safe; answers are then near those of /predict only.
    mixed_precision: bool = False
    # What a worker leaves to others on the same cores (nice, 0 to 19): predictions come first.
    niceness: int = Field(default=10, ge=0, le=19)
    # After SIGTERM, how long the chunk in hand may take; then it is handed back.
    graceful_timeout_seconds: int = Field(default=25, ge=1)
    # A chunk without a forward for so long is stuck: /live says so.
    stuck_after_seconds: float = Field(default=300.0, gt=0)


class MonitorSettings(
    CommonSettings,
    RedisSettings,
    StoreSettings,
    KeysSettings,
    CaptureSettings,
    BatchSettings,
    RetrainingSettings,
):
    """The monitor: where it listens, where its log is, whom it watches."""

    host: str = "127.0.0.1"
    port: int = Field(default=8001, ge=0, le=65535)
    threads: int = Field(default=8, ge=1, le=64)
    # The prediction log: sqlite:///file or postgresql+psycopg://…; empty: a file in data_dir.
    database_url: str = ""
    # The database's password in a file, so that it is in no URL and no process list.
    database_password_file: Path | None = None
    data_dir: Path = Path("data")
    # Base URLs, separated by commas; each address behind a name is probed by itself.
    predictors: str = ""
    probe_interval_seconds: float = Field(default=5.0, gt=0)
    probe_timeout_seconds: float = Field(default=2.0, gt=0)
    # A folder laid out like the store, for the references of models that came with the image.
    builtin_models: Path = Path("models")
    # A drift window closes with so many rows, or after so long; then the next one begins.
    drift_window_rows: int = Field(default=1_000, ge=500, le=100_000)
    drift_window_seconds: float = Field(default=86_400.0, gt=0)
    # Quality is measured on so many labelled rows, the newest that are old enough for labels to be in.
    quality_rows: int = Field(default=1_000, ge=200, le=100_000)
    label_maturity_seconds: float = Field(default=0.0, ge=0)
    # Features, or inputs where they are kept, whose groups are compared; separated by commas.
    slice_fields: str = ""
    # How often drift and quality are looked at.
    evaluation_interval_seconds: float = Field(default=15.0, gt=0)
    # What Alertmanager's webhook has to send as its bearer token; without it no alert is taken.
    alerts_token_file: Path | None = None
    # Predictions, labels, probes and alerts older than this are deleted.
    retention_days: float = Field(default=30.0, gt=0)


class CommandSettings(CommonSettings, StoreSettings, ModuleSettings):
    """The `slipway` command: which store it looks at, and whose classes it may package."""


class CallerSettings(CommonSettings):
    """The command, where it calls a service."""

    # Where the service answers.
    url: str = "http://127.0.0.1:8000"
    # The API key; a command line could be read by every process of the machine.
    key: SecretStr = SecretStr("")


PROCESSES: tuple[type[CommonSettings], ...] = (
    CallerSettings,
    PredictorSettings,
    WorkerSettings,
    MonitorSettings,
    CommandSettings,
)

# Set by Slipway's own scripts and tests, not by a settings class.
SCRIPT_NAMES = frozenset(
    {
        "SLIPWAY_REQUIRE",
        "SLIPWAY_TEST_DATA",
        "SLIPWAY_TEST_KSERVE_PYTHON",
        "SLIPWAY_TEST_SCREENSHOTS",
        "SLIPWAY_TEST_FUZZ_EXAMPLES",
        "SLIPWAY_MONITOR_PORT",
        "SLIPWAY_WORKER_METRICS_PORT",
        "SLIPWAY_TRAINER_METRICS_PORT",
        "SLIPWAY_EMBEDDED_REDIS_PORT",
    }
)

KNOWN_NAMES = SCRIPT_NAMES | {
    PREFIX + field.upper() for process in PROCESSES for field in process.model_fields
}


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """Raises UnknownSetting for a SLIPWAY_ name that no process knows, with the nearest that one does."""
    from difflib import get_close_matches

    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in KNOWN_NAMES:
            near = get_close_matches(name, KNOWN_NAMES, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UnknownSetting(f"No Slipway process knows the setting {name}.{hint}")


def _name(location: tuple[int | str, ...]) -> str:
    return str(location[0]).upper() if location else ""

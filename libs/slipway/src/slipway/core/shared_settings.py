"""Settings that several processes have. Sizes are bytes, durations seconds."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class RedisSettings(BaseSettings):
    """How Redis is reached."""

    # redis://[user@]host:port/db; empty: there is none, what needs it answers Unavailable.
    redis_url: str = ""
    # The password in a file, so that it is in no URL and no process list.
    redis_password_file: Path | None = None


class StoreSettings(BaseSettings):
    """Where models, batches and training sets are kept."""

    # file:///folder or s3://bucket[/prefix]; empty: only the built-in models are served.
    store_url: str = ""
    # For S3-compatible stores beside AWS.
    store_endpoint_url: str = ""
    store_region: str = "us-east-1"
    # Access key id and secret, one a line, in one file; without it the cloud's own way is used.
    store_credentials_file: Path | None = None
    # How long an answer of the store, or the next piece of one, may take.
    store_timeout_seconds: float = Field(default=10.0, gt=0)


class KeysSettings(BaseSettings):
    """Who may call."""

    # off: everybody may do everything, which has to be said; on: only keys of the file below.
    auth: Literal["on", "off"] = "on"
    # One line a key (slipway keys create); read again whenever it changes.
    api_keys_file: Path | None = None


class CaptureSettings(BaseSettings):
    """Whether what was asked is kept, beside what was answered."""

    # Raw inputs in events and the prediction log; off, only the monitored features are kept.
    capture_inputs: bool = False


class ModelCacheSettings(BaseSettings):
    """Copies of the store's versions, which a machine's processes share."""

    # Where they are kept; empty: a folder among the temporary files.
    model_cache: Path | None = None
    # Room for them; what was used longest ago goes first. 0: no bound but the disk's.
    model_cache_max_bytes: int = Field(default=0, ge=0)


class ModuleSettings(BaseSettings):
    """Whose code may compute."""

    # Installed packages, separated by commas, whose nn.Module classes a version may name.
    module_packages: str = ""

    def allowed_packages(self) -> frozenset[str]:
        return frozenset(filter(None, map(str.strip, self.module_packages.split(","))))


class BatchSettings(BaseSettings):
    """Batches: how they are cut, how many may wait, how long they are kept."""

    # A chunk is what one job computes: it ends at so many rows, or beyond so many bytes.
    batch_chunk_rows: int = Field(default=2_000, ge=1, le=100_000)
    batch_chunk_bytes: int = Field(default=4_000_000, ge=1_000)
    # Beyond these a batch is refused.
    batch_max_rows: int = Field(default=2_000_000, ge=1)
    batch_max_body_bytes: int = Field(default=1_000_000_000, ge=1)
    # A chunk that takes longer has failed.
    batch_chunk_timeout_seconds: int = Field(default=1_800, ge=1)
    # A chunk whose worker died so often is given up, and its batch with it.
    batch_max_deliveries: int = Field(default=20, ge=1)
    # Beyond so many rows without a result, or so much of Redis's maxmemory, none is accepted.
    batch_max_pending_rows: int = Field(default=5_000_000, ge=1)
    batch_max_memory_ratio: float = Field(default=0.8, gt=0, le=1)
    # Large bodies that one request process reads at a time; more are shed.
    batch_max_uploads: int = Field(default=2, ge=1)
    # Input and results are kept this long after acceptance; the status as long again.
    batch_kept_seconds: int = Field(default=7 * 86_400, ge=60)

"""The two places that a store can be: a folder and an S3-compatible bucket."""

import stat
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, S3Store

from slipway.core.errors import Unavailable, UnknownSetting
from slipway.core.shared_settings import StoreSettings

if TYPE_CHECKING:
    from obstore.store import S3Config

    from slipway.core.store import Entry

_CONNECT_SECONDS = 2.0
_WHOLE_REQUEST_SECONDS = 600.0
_READ_RETRIES = 1


class Backend(Protocol):
    """What differs between a folder and a bucket."""

    url: str

    def reader(self) -> LocalStore | S3Store:
        """For what may be repeated. Raises Unavailable."""

    def writer(self) -> LocalStore | S3Store:
        """For what may not: a create that is repeated would meet its own object. Raises Unavailable."""

    def guard(self, key: str) -> None:
        """Raises FileNotFoundError for what lies at the key and is no object."""

    def is_link(self, key: str) -> bool: ...

    def ordered(self, entries: Iterator["Entry"]) -> Iterable["Entry"]:
        """The listing by key."""


class Folder:
    """A folder that must be there: a volume that is not mounted is no empty store."""

    def __init__(self, root: Path) -> None:
        self.url = root.as_uri()
        self._root = root

    def reader(self) -> LocalStore:
        if not self._root.is_dir():
            raise Unavailable(
                f"There is no folder {self._root} for the store.", retry_after_seconds=5
            )
        return LocalStore(self._root)

    writer = reader

    def guard(self, key: str) -> None:
        """Links are not followed, and pipes are not read."""
        try:
            regular = stat.S_ISREG((self._root / key).lstat().st_mode)
        except NotADirectoryError:
            regular = False
        if not regular or self.is_link(key):
            raise FileNotFoundError(key)

    def is_link(self, key: str) -> bool:
        """Whether the key's file, or a folder on the way to it, is a symbolic link."""
        parts = PurePosixPath(key)
        return any((self._root / part).is_symlink() for part in (parts, *parts.parents[:-1]))

    def ordered(self, entries: Iterator["Entry"]) -> Iterable["Entry"]:
        return sorted(entries, key=lambda entry: entry.key)


class Bucket:
    """An S3-compatible bucket, with every wait bounded."""

    def __init__(self, settings: StoreSettings) -> None:
        self.url = settings.store_url
        self._reader = _bucket(settings, _READ_RETRIES)
        self._writer = _bucket(settings, 0)

    def reader(self) -> S3Store:
        return self._reader

    def writer(self) -> S3Store:
        return self._writer

    def guard(self, key: str) -> None:
        return

    def is_link(self, key: str) -> bool:
        return False

    def ordered(self, entries: Iterator["Entry"]) -> Iterable["Entry"]:
        return entries  # S3 lists by key


def _bucket(settings: StoreSettings, retries: int) -> S3Store:
    where = urlsplit(settings.store_url)
    config: S3Config = {"region": settings.store_region, "copy_if_not_exists": "multipart"}
    if settings.store_endpoint_url:
        config["endpoint"] = settings.store_endpoint_url
    if settings.store_credentials_file:
        names = _credentials(settings.store_credentials_file)
        config["access_key_id"], config["secret_access_key"] = names
    patience = settings.store_timeout_seconds
    return S3Store(
        where.netloc,
        prefix=where.path.strip("/") or None,
        config=config,
        client_options={
            "allow_http": settings.store_endpoint_url.startswith("http://"),
            "connect_timeout": timedelta(seconds=min(_CONNECT_SECONDS, patience)),
            "read_timeout": timedelta(seconds=patience),
            "timeout": timedelta(seconds=max(_WHOLE_REQUEST_SECONDS, patience)),
        },
        retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=2 * patience)},
    )


def _credentials(file: Path) -> tuple[str, str]:
    """The access key's id and its secret."""
    try:
        lines = file.read_text("utf-8").split()
    except OSError as wrong:
        raise UnknownSetting(
            f"The store's credentials {file} cannot be read: {wrong.strerror}."
        ) from None
    if len(lines) != 2:
        raise UnknownSetting(f"{file} must hold two lines: the access key's id and its secret.")
    return lines[0], lines[1]


def open_backend(settings: StoreSettings) -> Backend:
    """Raises Unavailable where no store is set, UnknownSetting for a URL of another kind."""
    where = urlsplit(settings.store_url)
    if not settings.store_url:
        raise Unavailable("There is no store: SLIPWAY_STORE_URL is empty.")
    if where.scheme == "file" and not where.netloc and where.path.startswith("/"):
        return Folder(Path(unquote(where.path)))
    if where.scheme == "s3" and where.netloc:
        return Bucket(settings)
    raise UnknownSetting(
        f"SLIPWAY_STORE_URL must be file:///folder or s3://bucket/prefix, not {settings.store_url}."
    )

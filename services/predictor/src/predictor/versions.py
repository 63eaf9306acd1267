"""Versions of the API that this release answers under unversioned names."""

from slipway.core.errors import InvalidInput

CURRENT = "1"


def check_requested_version(asked: str | None) -> None:
    """Raises InvalidInput for a version of the API that is not answered here."""
    if asked is not None and asked.strip() != CURRENT:
        raise InvalidInput(
            f"This service answers version {CURRENT} of the API, not the one asked for."
        )

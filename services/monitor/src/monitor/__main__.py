"""Entry point: reads the settings, brings the log's tables up to date, starts the server."""

import sys

from monitor.server import serve
from slipway.core.errors import KeysInvalid, UnknownSetting
from slipway.core.key_ring import key_ring
from slipway.core.logs import log_as_json
from slipway.core.settings import MonitorSettings


def main() -> None:
    """Serves until SIGTERM. Exits with a sentence where a setting is wrong."""
    try:
        settings = MonitorSettings.read()
        key_ring(settings)
    except (UnknownSetting, KeysInvalid) as wrong:
        sys.exit(f"slipway-monitor: {wrong}")
    log_as_json("monitor", settings.log_level)
    serve(settings)


if __name__ == "__main__":
    main()

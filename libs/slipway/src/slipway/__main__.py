"""python -m slipway: the command."""

from slipway.cli.main import app

if __name__ == "__main__":
    app()

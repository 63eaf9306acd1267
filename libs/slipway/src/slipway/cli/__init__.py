"""The `slipway` command: one module a subcommand."""

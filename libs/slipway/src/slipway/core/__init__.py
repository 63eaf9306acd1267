"""What every process shares: errors, settings, keys, logs, contracts."""

"""Slipway: train, serialize, serve, monitor, scale and retrain PyTorch models.

slipway.core    errors, settings, keys, logs, contracts (no torch, flask, redis, rq)
slipway.model   signature, families, artifact, runtime, training (torch lives here)
slipway.client  the Python client
slipway.cli     the `slipway` command
"""

__version__ = "0.1.0"

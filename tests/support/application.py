"""The predictor's application over fake models, in the test's own process."""

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from predictor.admission import Admission
from predictor.app import create_app
from predictor.batching.desk import BatchDesk
from predictor.event_publisher import NoEvents
from predictor.metrics import PredictorMetrics
from predictor.parts import Parts
from predictor.serving import Served, ServedModels
from predictor.shadow import make_shadow
from slipway.core.key_ring import key_ring
from slipway.core.settings import PredictorSettings
from slipway.model.runtime import Model
from slipway.queue.label_stream import LabelStream
from support.fake_model import TABLE, TEXT, fake_model


def make_parts(*models: Model, **settings: Any) -> Parts:
    """Parts over these models (`spam`, a text, and `houses`, a table, unless told otherwise)."""
    chosen = PredictorSettings.model_validate({"auth": "off"} | settings)
    served = ServedModels(chosen.default_model)
    for model in models or (
        fake_model("spam", signature=TEXT),
        fake_model("houses", signature=TABLE),
    ):
        served.put(Served(model, "champion", 1))
    metrics = PredictorMetrics(CollectorRegistry())
    admission = Admission(chosen.max_in_flight, chosen.max_waiting)
    return Parts(
        settings=chosen,
        metrics=metrics,
        models=served,
        keys=key_ring(chosen),
        admission=admission,
        shadow=make_shadow(chosen, metrics, NoEvents(), admission),
        batches=BatchDesk(chosen),
        labels=LabelStream(chosen),
    )


def client_of(parts: Parts) -> FlaskClient:
    return create_app(parts).test_client()


def write_keys(path: Path, **scopes: str) -> dict[str, str]:
    """A keys file with a key for each name (which is also its id); the keys by name."""
    from slipway.core.api_keys import ApiKey, digest_of, line_of, make_key, read_scopes

    keys = {name: make_key() for name in scopes}
    lines = (
        line_of(ApiKey(name, digest_of(key), read_scopes(scopes[name])))
        for name, key in keys.items()
    )
    path.write_text("".join(lines))
    return keys


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}

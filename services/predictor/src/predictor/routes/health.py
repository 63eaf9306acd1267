"""Is this process alive, and may it be sent requests?"""

from flask import Blueprint, Response

from predictor.answers import json_response
from predictor.auth import public
from predictor.parts import Parts, parts

bp = Blueprint("health", __name__)


@bp.get("/health")
@bp.get("/live")
@public
def health() -> Response:
    """200 while the process serves; depends on nothing else."""
    return json_response({"status": "ok"})


@bp.get("/ready")
@public
def ready() -> Response:
    """200 once the default model is loaded, verified and warmed; 503 while starting or draining."""
    here = parts()
    models = {name: served.model.version for name, served in here.models.champions().items()}
    status = "draining" if here.draining else "ready" if here.models.ready else "starting"
    body = {
        "status": status,
        "models": models,
        "redis": here.events.redis_state,
        "store": _store(here),
        "refused": [f"{r.name} {r.version}: {r.reason}" for r in here.models.refused],
    }
    return json_response(body, 200 if status == "ready" else 503)


def _store(here: Parts) -> str:
    if here.follower is None:
        return "none"
    return "ok" if here.follower.away is None else "away"

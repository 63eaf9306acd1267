"""Is the monitor alive, does it reach its log and its streams, and what does it count?"""

from flask import Blueprint, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from monitor.answers import json_response
from monitor.auth import public
from monitor.parts import parts

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
    """200 while the log can be read. The streams are reported: pages are worth reading without them."""
    here = parts()
    try:
        with here.log.reading() as connection:
            connection.execute(text("SELECT 1"))
        database = "ok"
    except SQLAlchemyError:
        database = "away"
    streams = {reader.name: reader.state for reader in here.readers} or "not configured"
    status = "ready" if database == "ok" else "waiting"
    body = {"status": status, "database": database, "streams": streams}
    return json_response(body, 200 if database == "ok" else 503)


@bp.get("/metrics")
@public
def metrics() -> Response:
    """What Prometheus scrapes."""
    return Response(
        generate_latest(parts().metrics.registry), content_type=CONTENT_TYPE_PLAIN_0_0_4
    )

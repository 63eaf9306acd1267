"""Retrainings: their pages and the JSON of them. Nothing is begun here: `slipway retrain` does."""

import time

from flask import Blueprint, Response

from monitor.answers import json_response
from monitor.parts import parts
from monitor.retraining.preparing import Preparing
from monitor.retraining.watch import make_preparing
from monitor.routes.api import asked_version
from monitor.routes.pages import page
from monitor.views.retraining import (
    flat,
    proposal_of,
    retraining_sentence,
    retraining_view,
    retrainings_view,
)

bp = Blueprint("retrainings", __name__)


@bp.get("/v1/models/<name>/retrainings")
def retrainings(name: str) -> Response:
    """Every retraining of a model, the newest first, and what would be done now."""
    with parts().log.reading() as connection:
        asked_version(connection, name)
        found = retrainings_view(connection, name)
    now = proposal_of(_preparing(), name, time.time(), whole=False)
    return json_response({"model": name, "retrainings": found, "now": now})


@bp.get("/v1/models/<name>/retraining-proposal")
def proposal(name: str) -> Response:
    """A dry run: what a retraining would be begun for, on which rows, or why it would be refused."""
    with parts().log.reading() as connection:
        asked_version(connection, name)
    return json_response(
        {"model": name, **proposal_of(_preparing(), name, time.time(), whole=True)}
    )


@bp.get("/v1/retrainings/<retraining_id>")
def retraining(retraining_id: str) -> Response:
    """One retraining: each step with its time, its reason and the numbers that caused it."""
    with parts().log.reading() as connection:
        return json_response(retraining_view(connection, _preparing().registry, retraining_id))


@bp.get("/models/<name>/retrainings")
def retrainings_page(name: str) -> Response:
    with parts().log.reading() as connection:
        asked_version(connection, name)
        found = retrainings_view(connection, name)
        at_work = retraining_sentence(connection, name, time.time())
    now = proposal_of(_preparing(), name, time.time(), whole=False)
    automatic = parts().settings.retrain == "auto"
    return page(
        "retrainings.html",
        model=name,
        found=found,
        now=now,
        at_work=at_work,
        automatic=automatic,
    )


@bp.get("/retrainings/<retraining_id>")
def retraining_page(retraining_id: str) -> Response:
    with parts().log.reading() as connection:
        found = retraining_view(connection, _preparing().registry, retraining_id)
    return page("retraining.html", found=found, flat=flat)


def _preparing() -> Preparing:
    here = parts()
    return make_preparing(here.settings, here.log, here.models)

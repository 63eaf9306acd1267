"""The API's description, of what is served at this moment."""

import msgspec
from flask import Blueprint, Response

from predictor.auth import public
from predictor.openapi.document import make_document
from predictor.parts import Parts, parts

bp = Blueprint("description", __name__)


@bp.get("/openapi.json")
@bp.get("/openapi")
@public
def openapi() -> Response:
    """OpenAPI 3.1, made anew when other models serve."""
    return Response(_document(parts()), mimetype="application/json")


def _document(here: Parts) -> bytes:
    models = {name: served.model for name, served in here.models.champions().items()}
    digests = tuple(model.digest for model in models.values())
    if here.described is None or here.described[0] != digests:
        document = make_document(models, here.settings)
        here.described = digests, msgspec.json.encode(document)
    return here.described[1]

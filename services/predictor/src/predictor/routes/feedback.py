"""True labels, which come later than the predictions that they belong to."""

import time

from flask import Blueprint, Response, request

from predictor.answers import json_response
from predictor.auth import needs
from predictor.label_reading import read_labels
from predictor.parts import parts
from predictor.reading import read_body
from predictor.request_context import current
from slipway.core.api_keys import Scope

bp = Blueprint("feedback", __name__)


@bp.post("/v1/feedback")
@needs(Scope.FEEDBACK)
def feedback() -> Response:
    """202 once Redis has them: whoever joins them to predictions reads them from there."""
    here, context = parts(), current()
    body = read_body(request, here.settings)
    labels = read_labels(body, key_id=context.key_id, admin=context.admin, now=time.time())
    here.labels.append(labels)
    return json_response({"accepted": len(labels)}, 202)

"""Why is an instance answered as it is?"""

import msgspec
from flask import Blueprint, Response, request

from predictor.answering import answer_rows
from predictor.answers import json_response
from predictor.auth import needs
from predictor.deadlines import refuse_late
from predictor.gate import computes
from predictor.parts import parts
from predictor.reading import read_instances
from predictor.request_context import RequestContext, current
from predictor.routes.predict import answer_body
from predictor.serving import Served
from slipway.core.api_keys import Scope
from slipway.core.errors import TooLarge
from slipway.model.prediction import Explanation
from slipway.model.signature import Instance

bp = Blueprint("explain", __name__)


@bp.post("/v1/explain")
@needs(Scope.PREDICT)
@computes
def explain() -> Response:
    """The default model's answer, with what it is made of."""
    return _answer(parts().models.find())


@bp.post("/v1/models/<name>/explain")
@needs(Scope.PREDICT)
@computes
def explain_with(name: str) -> Response:
    """A model's by name."""
    return _answer(parts().models.find(name))


@bp.post("/v1/models/<name>/versions/<version>/explain")
@needs(Scope.PREDICT)
@computes
def explain_with_version(name: str, version: str) -> Response:
    """One version's: the one that an answer named, while another is rolled out."""
    return _answer(parts().models.find(name, version))


def _answer(served: Served) -> Response:
    here, context = parts(), current()
    context.answered_by(served.model.name, served.model.version, served.answering_role)
    asked = read_instances(request, served.model.signature, here.settings)
    most = here.settings.max_explained
    if len(asked.instances) > most:
        raise TooLarge(f"At most {most} instances are explained at once.")
    predictions = answer_rows(served, asked.instances)
    explanations = [_explain(served, instance, context) for instance in asked.instances]
    body = answer_body(predictions, asked.several, context)
    if not asked.several:
        return json_response({**body, "explanation": explanations[0]})
    both = zip(predictions, explanations, strict=True)
    body["predictions"] = [
        {**msgspec.to_builtins(prediction), "explanation": explanation}
        for prediction, explanation in both
    ]
    return json_response(body)


def _explain(served: Served, instance: Instance, context: RequestContext) -> Explanation:
    refuse_late(context.deadline)
    return served.model.explain([instance])[0]

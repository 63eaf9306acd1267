"""True labels."""

from predictor.openapi import examples
from predictor.openapi.operations import (
    READS,
    Callers,
    Paths,
    json_body,
    operation,
    with_examples,
)
from predictor.openapi.schemas import ref
from slipway.core.api_keys import Scope
from slipway.model.runtime import Model


def paths(callers: Callers, shown: Model | None) -> Paths:
    """shown: of whose answers the example is one."""
    made = operation(
        "feedback",
        "Say what was true.",
        caller=callers.with_scope(Scope.FEEDBACK),
        answers={202: ref("Accepted")},
        errors=READS,
        body=json_body({"oneOf": [ref("Label"), ref("Labels")]}),
    )
    if shown is not None:
        label = examples.rounded(examples.prediction(shown).prediction)
        asked = {"request_id": examples.REQUEST_ID, "label": label}
        with_examples(made, body=asked, answer={"accepted": 1})
    return {"/v1/feedback": {"post": made}}

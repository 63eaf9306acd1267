"""Flask under gunicorn's sync worker, the way most tutorials end."""

import time

from flask import Flask, jsonify, request

from benchmarks.peers.scoring import Scorer


def create() -> Flask:
    """The application; the model is loaded in each worker."""
    app, scorer = Flask("peer"), Scorer()

    @app.post("/predict")
    def predict():  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        answer = jsonify(scorer.answer(request.get_json()))
        scorer.note(began)
        return answer

    return app

"""FastAPI under uvicorn, an async view that computes in place: its fastest way for small models."""

import time
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, create_model

from benchmarks.models import TABULAR
from benchmarks.peers.scoring import FEATURES, Scorer

app, scorer = FastAPI(), Scorer()
FIELDS: dict[str, Any] = (
    dict.fromkeys(TABULAR, (float, ...))
    if scorer.model.name == "tabular"
    else {"message": (str, ...)}
)
Row: type[BaseModel] = create_model("Row", **FIELDS)

if FEATURES:

    @app.post("/predict")
    async def predict(row: Row) -> dict[str, Any]:  # type: ignore[valid-type]
        began = time.perf_counter()
        answer = scorer.answer(row.model_dump())  # type: ignore[attr-defined]
        scorer.note(began)
        return answer

else:

    @app.post("/predict")
    async def predict_plain(row: dict[str, Any]) -> dict[str, Any]:
        return scorer.answer(row)

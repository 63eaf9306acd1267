"""Two scikit-learn pipelines as skops files: rows with missing values, and texts.

Run: python train.py FOLDER
"""

import csv
import json
import random
import sys
from pathlib import Path

import numpy as np
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

NAMES = ("age", "salary", "city")
GOOD = ["lovely", "great", "friendly", "clean", "warm"]
BAD = ["cold", "dirty", "rude", "noisy", "broken"]


def churn(folder: Path) -> None:
    draw = random.Random(7)
    rows, truth = [], []
    for _ in range(500):
        age, salary = draw.randint(18, 80), draw.randint(10, 120) * 1000
        city = draw.choice(["Delhi", "Mumbai", "Pune"])
        wish = salary / 20_000 - age / 20 + 2 * (city == "Delhi") + draw.gauss(0, 0.7)
        rows.append([float("nan") if draw.random() < 0.1 else float(age), float(salary), city])
        truth.append("stays" if wish > 1 else "leaves")
    table = np.array(rows, dtype=object)
    columns = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), [0, 1]),
            ("city", OneHotEncoder(handle_unknown="ignore"), [2]),
        ]
    )
    model = make_pipeline(columns, RandomForestClassifier(30, max_depth=6, random_state=7))
    model.fit(table, truth)
    skops.io.dump(model, folder / "churn.skops")
    with (folder / "churn.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*NAMES, "churn"])
        for row, label in zip(rows, truth, strict=True):
            writer.writerow(["" if cell != cell else cell for cell in row] + [label])  # noqa: PLR0124
    answers = model.predict_proba(table).tolist()
    (folder / "churn.answers.json").write_text(json.dumps(answers))


def stays(folder: Path) -> None:
    draw = random.Random(7)
    truth = [draw.randrange(2) for _ in range(300)]
    texts = [
        f"The room was {draw.choice((BAD, GOOD)[t])}, and it was {draw.choice((BAD, GOOD)[t])}."
        for t in truth
    ]
    model = make_pipeline(TfidfVectorizer(token_pattern="[a-zA-Z0-9_]+"), LogisticRegression())
    model.fit(texts, truth)
    skops.io.dump(model, folder / "stays.skops")
    lines = [json.dumps({"text": text, "good": t}) for text, t in zip(texts, truth, strict=True)]
    (folder / "stays.ndjson").write_text("\n".join(lines))
    (folder / "stays.answers.json").write_text(json.dumps(model.predict_proba(texts).tolist()))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    churn(target)
    stays(target)

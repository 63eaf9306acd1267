"""Rows of people from a seeded generator of our own, for tabular trainings that take a second."""

import csv
import random
from pathlib import Path

from slipway.model.training.recipe import Data, Evaluation, Recipe, Target

CITIES = ("Delhi", "Mumbai", "Pune", "Chennai")
INPUTS = (
    {"name": "age", "type": "integer", "minimum": 0, "maximum": 120, "example": 32},
    {"name": "salary", "type": "number", "required": False, "minimum": 0, "example": 54000},
    {"name": "city", "type": "category", "required": False, "example": "Delhi"},
    {"name": "gender", "type": "category", "allowed": ["M", "F"], "example": "M"},
)
PERSON = {"age": 32, "salary": 54000, "city": "Delhi", "gender": "M"}
SMALL = {
    "encoding": {"steps": 8, "bins": 8},
    "shape": {"dimensions": 4, "members": 2, "width": 16, "layers": 2},
    "training": {"epochs": 8, "batch_size": 64, "learning_rate": 0.02},
}


def write_people(file: Path, rows: int, seed: int) -> None:
    """`buys` depends on age, salary and city; `rent` on salary and city. Some values are missing."""
    generator = random.Random(seed)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["age", "salary", "city", "gender", "buys", "rent"])
        for _ in range(rows):
            age, salary = generator.randint(18, 80), generator.randint(10, 120) * 1000
            city, gender = generator.choice(CITIES), generator.choice("MF")
            wish = salary / 20_000 - age / 20 + 2 * (city == "Delhi") + generator.gauss(0, 0.7)
            rent = 0.2 * salary + 6_000 * CITIES.index(city) + generator.gauss(0, 1_500)
            shown_salary = "" if generator.random() < 0.1 else salary
            shown_city = "?" if generator.random() < 0.05 else city
            buys = "yes" if wish > 1 else "no"
            writer.writerow([age, shown_salary, shown_city, gender, buys, round(rent)])


def people_recipe(target: str = "buys", folds: int = 0, **hyperparameters: object) -> Recipe:
    """A tabular recipe over the people: `buys` is a label, `rent` a number."""
    label = target == "buys"
    return Recipe(
        name="people",
        family="tabular-classifier" if label else "tabular-regressor",
        description="for tests",
        data=Data("csv", path="people.csv", missing=("?",)),
        target=Target("buys", {"no": "no", "yes": "yes"})
        if label
        else Target("rent", unit="rupees"),
        inputs=INPUTS,
        evaluation=Evaluation(folds=folds),
        hyperparameters=SMALL | hyperparameters,
        golden=(PERSON, {"age": 70, "gender": "F"}, PERSON | {"city": "Atlantis"}),
    )

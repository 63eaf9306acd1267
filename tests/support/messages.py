"""Short messages from templates of our own, for trainings that take a second. Seeded."""

import random
from pathlib import Path

from slipway.model.training.recipe import Data, Evaluation, Recipe, Target

_SPAM = (
    "WINNER! Claim your {prize} now, call {number}",
    "You have won a {prize}! Text YES to {number}",
    "URGENT: your {prize} is waiting, reply to {number} today",
    "Free {prize} for you, only today. Call {number}",
)
_HAM = (
    "See you at {time} near the {place}",
    "Can you bring the {thing} to the {place}?",
    "I will be late, start without me at {time}",
    "Did you find my {thing}? It was in the {place}",
)
_WORDS = {
    "prize": ("holiday", "phone", "voucher", "cash prize"),
    "time": ("noon", "six", "ten past eight", "half past four"),
    "place": ("station", "kitchen", "library", "office"),
    "thing": ("keys", "umbrella", "charger", "green coat"),
}


def message(generator: random.Random, *, spam: bool) -> str:
    template = generator.choice(_SPAM if spam else _HAM)
    words = {name: generator.choice(values) for name, values in _WORDS.items()}
    return (
        template.format(number=generator.randint(80000, 89999), **words)
        + f" {generator.random():.6f}"
    )


def write_messages(file: Path, rows: int, seed: int) -> None:
    """A quarter of the rows is spam."""
    generator = random.Random(seed)
    lines = []
    for row in range(rows):
        spam = row % 4 == 0
        lines.append(f"{'spam' if spam else 'ham'}\t{message(generator, spam=spam)}\n")
    file.write_text("".join(lines), "utf-8")


_BELOW_ITS_NAME = """
family = "text-classifier"
description = "for tests"
inputs = [{ name = "message", type = "text", min_length = 1 }]
evaluation = { folds = 2 }
golden = [{ message = "You have won a phone, call 84444" }]

[data]
format = "labelled-lines"
columns = ["label", "message"]
path = "messages.txt"

[target]
column = "label"
labels = { ham = "not_spam", spam = "spam" }

[hyperparameters]
ngrams = { buckets = 1024, char_max = 3 }
training = { epochs = 2, learning_rate = 0.05 }
"""


def recipe_file(file: Path, name: str) -> None:
    """A recipe as a person writes it, for the messages.txt beside it; it trains in a second."""
    file.write_text(f'name = "{name}"{_BELOW_ITS_NAME}', "utf-8")


def small_recipe(name: str = "spam", **hyperparameters: object) -> Recipe:
    """A text classifier with a small table that trains in a second."""
    return Recipe(
        name=name,
        family="text-classifier",
        description="for tests",
        data=Data("labelled-lines", ("label", "message"), "messages.txt"),
        target=Target("label", {"ham": "not_spam", "spam": "spam"}),
        inputs=(
            {
                "name": "message",
                "type": "text",
                "min_length": 1,
                "max_length": 10000,
                "example": "hello",
            },
        ),
        evaluation=Evaluation(folds=0),
        hyperparameters={
            "ngrams": {"buckets": 1024, "char_max": 3},
            "dimensions": 2,
            "training": {"epochs": 3, "learning_rate": 0.05},
        }
        | hyperparameters,
        golden=({"message": "You have won a phone, call 84444"}, {"message": "see you at six"}),
    )

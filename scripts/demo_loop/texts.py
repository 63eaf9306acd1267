"""Short messages from templates of our own. Seeded; a kind of spam that training never saw, and ham
that looks like nothing before."""

import random
from pathlib import Path

KINDS = {
    "talk": (
        "See you at {time} near the {place}",
        "Can you bring the {thing} to the {place}?",
        "I will be late, start without me at {time}",
        "Did you find my {thing}? It was in the {place}",
        "{name} says {time} is fine, the {place} is open",
    ),
    "prizes": (
        "WINNER! Claim your {prize} now, call {number}",
        "You have won a {prize}! Text YES to {number}",
        "URGENT: your {prize} is waiting, reply to {number} today",
        "Free {prize} for you, only today. Call {number}",
    ),
    "parcels": (
        "hi {name}, a parcel could not be delivered, settle the customs fee under {site}",
        "your bank noticed a new login, confirm your account under {site}",
        "{name}, the toll of {thing} is unpaid, settle it under {site} before {time}",
        "your subscription ends, confirm your card under {site}",
    ),
    "orders": (
        "Invoice 20{number}: quarterly maintenance of boilers, payable within thirty days",
        "Minutes of the committee: budget approved, minutes circulated by {name}",
        "Timetable change: buses towards Harbour quay depart hourly from {time}",
        "Weather warning: gale, sleet, flooding around estuaries until {time}",
    ),
}
SPAM = frozenset({"prizes", "parcels"})
_WORDS = {
    "prize": ("holiday", "phone", "voucher", "cash prize"),
    "time": ("noon", "six", "ten past eight", "half past four"),
    "place": ("station", "kitchen", "library", "office"),
    "thing": ("keys", "umbrella", "charger", "green coat"),
    "name": ("Anna", "Ben", "Chandra", "Dora"),
    "site": ("parcel-desk.example", "secure-pay.example", "my-account.example"),
}


def label_of(kind: str) -> str:
    return "spam" if kind in SPAM else "not_spam"


def message(generator: random.Random, kind: str) -> str:
    """No two are alike: each ends in a number of its own."""
    words = {name: generator.choice(values) for name, values in _WORDS.items()}
    template = generator.choice(KINDS[kind])
    number = generator.randint(80000, 89999)
    return f"{template.format(number=number, **words)} {generator.randint(0, 10**9):09d}"


def write_training_data(file: Path, rows: int, seed: int) -> None:
    """Talk, and a third of prizes: what the first champion is trained on."""
    generator = random.Random(seed)  # noqa: S311 - texts, not secrets
    lines = []
    for row in range(rows):
        kind = "prizes" if row % 3 == 0 else "talk"
        label = "spam" if kind in SPAM else "ham"
        lines.append(f"{label}\t{message(generator, kind)}\n")
    file.write_text("".join(lines), "utf-8")

"""Short messages that nobody wrote, and what each one is: made from templates, by a seed."""

import random
from collections.abc import Iterator
from typing import NamedTuple

SPAM_SHARE = 0.2
_SPAM = (
    "Congratulations! You have won a free {prize}. Call {number} to claim.",
    "URGENT: your {prize} is waiting. Text WIN to {number} now!",
    "FREE entry in our weekly draw for a {prize}! Reply YES to {number}",
    "Final notice: claim your {prize} before midnight, call {number}",
)
_HAM = (
    "Are you still coming to the {place} at {time}?",
    "I left the {thing} at the {place}, can you bring it?",
    "Running late, start without me. Back at {time}",
    "Thanks for the {thing}! See you {time} at the {place}",
    "Did mum call you about the {thing}?",
)
_WORDS = {
    "prize": ("iPhone", "holiday for two", "£500 voucher", "cash prize"),
    "place": ("station", "library", "office", "cinema", "kitchen"),
    "time": ("noon", "six", "ten past eight", "half past four"),
    "thing": ("charger", "umbrella", "birthday cake", "green coat", "tickets"),
}


class Message(NamedTuple):
    """A text, and what its reader would call it."""

    text: str
    label: str


def messages(seed: int) -> Iterator[Message]:
    """Without an end."""
    generator = random.Random(seed)
    while True:
        spam = generator.random() < SPAM_SHARE
        words = {name: generator.choice(values) for name, values in _WORDS.items()}
        number = generator.randint(80_000, 89_999)
        text = generator.choice(_SPAM if spam else _HAM).format(number=number, **words)
        yield Message(text, "spam" if spam else "not_spam")

"""A store with a champion whose training set is in it, and labelled traffic of another kind of spam."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from monitor.prediction_log.opening import PredictionLog
from slipway.core.shared_settings import StoreSettings
from slipway.model.artifact import write
from slipway.model.datasets.keeping import keep
from slipway.model.promotion import promoted
from slipway.model.registry import Registry, open_registry
from slipway.model.training.dataset_rows import as_dataset
from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import Recipe
from slipway.model.training.train import Request, train
from slipway.model.transfer import publish
from support.intake import Intake
from support.messages import message, small_recipe, write_messages
from support.monitored import a_label, an_event

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def store_with_champion(folder: Path, recipe: Recipe | None = None) -> Registry:
    """1.0.0 of `spam`, or of the recipe's model: trained on 400 generated messages that the store
    keeps; a fifth is the holdout."""
    (folder / "store").mkdir(parents=True)
    registry = open_registry(StoreSettings(store_url=(folder / "store").as_uri()))
    write_messages(folder / "messages.txt", rows=400, seed=1)
    plan = recipe or small_recipe()
    rows = read_rows(plan, folder)
    request = Request(
        version="1.0.0",
        seed=7,
        now=NOW,
        commit=None,
        why="test",
        keep_training_state=True,
        keep=lambda held_back: (
            keep(registry.store, plan, as_dataset(rows, held_back), made_by="tests", now=NOW).digest
        ),
    )
    made = train(plan, rows, request, lambda *_: None)
    write(folder / "made", made.manifest, made.files)
    publish(registry, folder / "made")
    registry.put(plan.name, promoted(None, "1.0.0", who="tests", now=NOW, why="the first"))
    return registry


def parcel(generator: random.Random) -> str:
    """Spam as the champion never saw it."""
    where = generator.choice(("desk", "pay", "account"))
    return f"a parcel waits, settle the fee under {where}.example {generator.random():.6f}"


def labelled_traffic(
    log: PredictionLog,
    rows: int = 400,
    *,
    start: float,
    seed: int = 3,
    keys: Sequence[str] = ("key-0", "key-1", "key-2"),
    poison: str | None = None,
) -> None:
    """A third is the new spam, which the champion calls ham. poison: a key that labels all ham, of
    messages that the champion calls spam."""
    generator = random.Random(seed)
    intake = Intake(log, keep_inputs=True)
    events, labels = [], []
    for number in range(rows):
        key = keys[number // 7 % len(keys)]
        old_spam = number % 5 == 0
        spam = old_spam or number % 3 == 0
        text = message(generator, spam=old_spam) if old_spam or not spam else parcel(generator)
        said = "spam" if old_spam else "not_spam"
        request_id = f"r-{seed}-{number}"
        events.append(
            an_event(
                f"e-{seed}-{number}",
                request_id=request_id,
                time=start + number,
                prediction=said,
                key_id=key,
                inputs={"message": text},
            )
        )
        label = "not_spam" if key == poison or not spam else "spam"
        labels.append(
            a_label(
                f"l-{seed}-{number}",
                request_id=request_id,
                label=label,
                key_id=key,
                time=start + number + 5,
            )
        )
    intake.events(*events)
    intake.labels(*labels)

"""Two torch modules of a team's own, saved as state_dicts. Run: python train.py FOLDER"""

import json
import random
import sys
from pathlib import Path

import torch
from teamnet.models import LeakNet, TicketNet

WORDS = {
    "billing": ["invoice", "charged", "refund", "card", "twice"],
    "broken": ["crash", "error", "screen", "freezes", "login"],
    "other": ["hello", "feature", "thanks", "question", "team"],
}


def fit(model: torch.nn.Module, arguments: dict, truth: torch.Tensor) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(**arguments), truth).backward()
        optimizer.step()
    model.eval()


def save(folder: Path, name: str, model: torch.nn.Module, arguments: dict, rows: list) -> None:
    torch.save(model.state_dict(), folder / f"{name}.pt")
    (folder / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with torch.no_grad():
        answers = model(**arguments).softmax(dim=1).tolist()
    (folder / f"{name}.answers.json").write_text(json.dumps(answers))


def leaks(folder: Path) -> None:
    x = torch.stack([torch.rand(600) * 80, torch.rand(600) * 6, torch.rand(600) * 40], dim=1)
    truth = (x[:, 0] / 20 - x[:, 1] + x[:, 2] / 20 > 1).long()
    model = LeakNet(width=16)
    fit(model, {"x": x}, truth)
    names = ("age", "pressure", "temperature")
    rows = [dict(zip(names, row, strict=True)) for row in x.tolist()]
    labelled = [row | {"leaks": "yes" if t else "no"} for row, t in zip(rows, truth, strict=True)]
    save(folder, "leaks", model, {"x": x}, labelled)


def tickets(folder: Path) -> None:
    draw = random.Random(7)
    rows, truth = [], []
    for _ in range(300):
        kind = draw.randrange(3)
        words = draw.choices(list(WORDS.values())[kind], k=3) + draw.choices(
            ["my", "the", "a"], k=2
        )
        draw.shuffle(words)
        rows.append({"text": " ".join(words), "urgent": draw.randrange(2)})
        truth.append(kind)
    model = TicketNet()
    arguments = TicketNet.preprocess(rows)
    fit(model, arguments, torch.tensor(truth))
    save(folder, "tickets", model, arguments, rows)


if __name__ == "__main__":
    torch.manual_seed(7)
    target = Path(sys.argv[1])
    leaks(target)
    tickets(target)

"""Two modules: one over numbers, and one that makes its own arguments of rows with a text."""

import zlib
from collections.abc import Sequence
from typing import Any

import torch


class LeakNet(torch.nn.Module):
    """(x: (rows, 3) float32) → logits (rows, 2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.tensor([50.0, 3.0, 20.0]))
        self.register_buffer("scale", torch.tensor([20.0, 1.0, 8.0]))
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(3, width),
            torch.nn.BatchNorm1d(width),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Linear(width, 2),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers((x - self.centre) / self.scale)


class TicketNet(torch.nn.Module):
    """(words: (rows, 40) int64, urgent: (rows, 1) float32) → logits (rows, 3)."""

    WORDS, BUCKETS = 40, 512

    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(self.BUCKETS, 8, padding_idx=0)
        self.linear = torch.nn.Linear(9, 3)

    @classmethod
    def preprocess(cls, instances: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        words = torch.zeros((len(instances), cls.WORDS), dtype=torch.int64)
        for row, instance in enumerate(instances):
            for place, word in enumerate(instance["text"].lower().split()[: cls.WORDS]):
                words[row, place] = 1 + zlib.crc32(word.encode()) % (cls.BUCKETS - 1)
        urgent = torch.tensor([[float(instance["urgent"])] for instance in instances])
        return {"words": words, "urgent": urgent}

    def forward(self, words: torch.Tensor, urgent: torch.Tensor) -> torch.Tensor:
        return self.linear(torch.cat((self.embedding(words).sum(dim=1), urgent), dim=1))

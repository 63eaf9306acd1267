"""A torch module as a torch.export program. Run: python train.py FOLDER"""

import json
import sys
from pathlib import Path

import torch


class Rent(torch.nn.Module):
    """(x: (rows, 3)) → euros a month (rows, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        centred = (x - torch.tensor([70.0, 3.0, 5.0])) / torch.tensor([30.0, 1.5, 4.0])
        return 900 + 300 * self.layers(centred)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    torch.manual_seed(7)
    x = torch.stack([20 + torch.rand(600) * 100, 1 + torch.rand(600) * 5, torch.rand(600) * 12], 1)
    truth = 200 + 9 * x[:, 0] + 40 * x[:, 1] - 20 * x[:, 2] + torch.randn(600) * 30
    model = Rent()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(200):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x)[:, 0], truth).backward()
        optimizer.step()
    model.eval()

    rows_are_free = {"x": {0: torch.export.Dim("rows")}}
    program = torch.export.export(model, (x[:8],), dynamic_shapes=rows_are_free)
    torch.export.save(program, folder / "rent.pt2")

    names = ("area", "rooms", "kilometres")
    rows = [
        dict(zip(names, row, strict=True)) | {"rent": euros}
        for row, euros in zip(x.tolist(), truth.tolist(), strict=True)
    ]
    (folder / "rent.json").write_text(json.dumps(rows))
    with torch.no_grad():
        (folder / "rent.answers.json").write_text(json.dumps(model(x).tolist()))

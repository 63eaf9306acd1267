"""The network of the tabular families: vectors and numbers into a few perceptrons that answer together."""

import torch

from slipway.model.families.tabular_config import TabularConfig

_VECTOR_SPREAD = 0.1


class Members(torch.nn.Module):
    """One linear layer of every member: (members, rows, inputs) → (members, rows, outputs)."""

    def __init__(self, members: int, inputs: int, outputs: int) -> None:
        super().__init__()
        bound = inputs**-0.5
        self.weight = torch.nn.Parameter(torch.empty(members, inputs, outputs))
        self.bias = torch.nn.Parameter(torch.empty(members, 1, outputs))
        torch.nn.init.uniform_(self.weight, -bound, bound)
        torch.nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(self.bias, rows, self.weight)


class TabularNetwork(torch.nn.Module):
    """(numbers (rows, widths), embedded (rows, columns)) → what each member says (members, rows, outputs).

    Small first vectors matter: with spread 1 a bin that training rarely saw drowns the others.
    """

    def __init__(self, config: TabularConfig, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        shape = config.shape
        sizes = [(count, min(shape.dimensions, count)) for count in config.cardinalities()]
        tables = [torch.nn.Embedding(*size) for size in sizes]
        for table in tables:
            torch.nn.init.normal_(table.weight, std=_VECTOR_SPREAD)
        self.vectors = torch.nn.ModuleList(tables)
        inputs = config.widths() + sum(width for _, width in sizes)
        layers: list[torch.nn.Module] = []
        for _ in range(shape.layers):
            layers += [Members(shape.members, inputs, shape.width), torch.nn.ReLU()]
            layers.append(torch.nn.Dropout(dropout))
            inputs = shape.width
        self.members = shape.members
        self.body = torch.nn.Sequential(*layers, Members(shape.members, inputs, outputs))

    def forward(self, numbers: torch.Tensor, embedded: torch.Tensor) -> torch.Tensor:
        found = [table(embedded[:, column]) for column, table in enumerate(self.vectors)]
        rows = torch.cat([numbers, *found], dim=1)
        said: torch.Tensor = self.body(rows.expand(self.members, -1, -1))
        return said


class AgreedProbabilities(TabularNetwork):
    """The members' mean probability of each label, as logarithms: (rows, labels)."""

    def forward(self, numbers: torch.Tensor, embedded: torch.Tensor) -> torch.Tensor:
        said = super().forward(numbers, embedded)
        return torch.softmax(said, dim=2).mean(dim=0).clamp_min(1e-300).log()


class AgreedNumbers(TabularNetwork):
    """The members' mean of each number: (rows, numbers)."""

    def forward(self, numbers: torch.Tensor, embedded: torch.Tensor) -> torch.Tensor:
        return super().forward(numbers, embedded).mean(dim=0)

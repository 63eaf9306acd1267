"""Which metrics the services export, read from their source: the names are literals there."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAKERS = ("prometheus_client", "predictor.metric_values")
KINDS = {
    "Counter": "counter",
    "CounterMetricFamily": "counter",
    "Gauge": "gauge",
    "GaugeMetricFamily": "gauge",
    "Histogram": "histogram",
    "Summary": "summary",
}


@dataclass(frozen=True)
class Metric:
    """One metric as its constructor says it. service: the folder below services/."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    service: str

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which it is scraped."""
        if self.kind == "histogram":
            return tuple(f"{self.name}_{part}" for part in ("bucket", "sum", "count"))
        return (self.name,)


def exported(root: Path = ROOT) -> list[Metric]:
    """Every metric of every service, by service and name."""
    found = {
        metric.name: metric
        for source in sorted(root.glob("services/*/src/**/*.py"))
        for metric in metrics_in(source.read_text(), source.relative_to(root).parts[1])
    }
    return sorted(found.values(), key=lambda metric: (metric.service, metric.name))


def metrics_in(source: str, service: str) -> Iterator[Metric]:
    """The metrics that a module's text makes. Raises ValueError for a name that is no literal."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    makers = _makers(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in makers
        ):
            yield _metric(node, node.func.id, constants, service)


def _makers(tree: ast.Module) -> set[str]:
    """The kinds that the module has from the Prometheus client, or from what extends it (there are other
    things named Counter)."""
    return {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(MAKERS)
        for alias in node.names
        if alias.name in KINDS
    }


def _metric(call: ast.Call, maker: str, constants: Mapping[str, ast.expr], service: str) -> Metric:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    places = dict(zip(("name", "help", "labels"), call.args, strict=False))
    name = _value(places["name"], constants)
    labels = given.get("labelnames") or given.get("labels") or places.get("labels")
    known = labels is not None and (maker in ("Counter", "Gauge", "Histogram") or "labels" in given)
    return Metric(
        name=name,
        kind=KINDS[maker],
        help=_value(places.get("help") or given["documentation"], constants),
        labels=tuple(_value(labels, constants)) if known and labels is not None else (),
        service=service,
    )


def _value(node: ast.expr, constants: Mapping[str, ast.expr]) -> str:
    if isinstance(node, ast.Name) and node.id in constants:
        node = constants[node.id]
    try:
        value: str = ast.literal_eval(node)
    except ValueError:
        raise ValueError(f"not a literal: {ast.unparse(node)}") from None
    return value

"""slipway package: what a notebook left behind in, a verified version out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from slipway.cli.where import Models, registry_at, who_asks
from slipway.core.errors import PackagingRefused
from slipway.core.settings import CommandSettings
from slipway.model.promotion import promoted
from slipway.model.transfer import check_new

if TYPE_CHECKING:
    from slipway.model.packaging.packaging import Packaged

console = Console(stderr=True)
Scores = Literal["auto", "logits", "probabilities"]


def package(
    model: Annotated[
        Path,
        typer.Argument(
            help="A state_dict (.pt, .safetensors), an exported program (.pt2), a Keras model "
            "(.keras, .h5), a scikit-learn estimator (.skops) or ONNX (.onnx)."
        ),
    ],
    name: Annotated[str, typer.Option(help="What the model is called in the service.")],
    sample: Annotated[
        Path,
        typer.Option(
            help="Rows like those that it will be asked: .json, .ndjson, .csv or .npz. A few of them "
            "are STORED in the version (golden rows, examples); of texts nothing else is kept."
        ),
    ],
    version: Annotated[str, typer.Option(help="The new version, such as 3.1.0.")] = "1.0.0",
    labels: Annotated[
        str, typer.Option(help="Of a classification, in the order of the model's outputs: no,yes.")
    ] = "",
    unit: Annotated[
        str | None, typer.Option(help="Of a number: EUR; empty where it has none.")
    ] = None,
    fields: Annotated[
        Path | None,
        typer.Option(
            help="A TOML file with [[inputs]] (name, and type, minimum, maximum, allowed, …) for "
            "fields of which more is known than the sample tells."
        ),
    ] = None,
    target: Annotated[
        str, typer.Option(help="The sample's column with the true answers, for figures.")
    ] = "",
    module_class: Annotated[
        str,
        typer.Option(
            "--class", help="Of a state_dict: package.module:Class. Allow: SLIPWAY_MODULE_PACKAGES."
        ),
    ] = "",
    arguments: Annotated[str, typer.Option(help="Of its constructor, as a JSON object.")] = "{}",
    scores: Annotated[Scores, typer.Option(help="What the model's outputs are.")] = "auto",
    output: Annotated[str, typer.Option(help="The output of an ONNX graph with several.")] = "",
    golden: Annotated[
        int, typer.Option(min=1, max=50, help="Rows of the sample that every load replays.")
    ] = 5,
    trust_code: Annotated[
        bool,
        typer.Option(
            "--trust-code",
            help="Read a file that can carry code (.pt2, unusual .skops), HERE and NOW, as you.",
        ),
    ] = False,
    models: Models = None,
    promote: Annotated[bool, typer.Option(help="Serve this version from now on.")] = False,
    why: Annotated[str, typer.Option(help="For the lineage: why it is packaged.")] = "by hand",
) -> None:
    """Package a trained model as a verified, immutable version.

    The sample is answered by the model as it is and as it was packaged: a difference above 1e-5
    refuses. docs/packaging.md has an example for each kind of model.
    """
    registry = registry_at(models, make=True)
    check_new(registry, name, version)
    # torch takes a second to import; no other subcommand waits for it.
    from slipway.model.packaging.fields import read_inputs
    from slipway.model.packaging.packaging import package_file, publish_packaged
    from slipway.model.packaging.samples import read_sample
    from slipway.model.packaging.wanted import Wanted
    from slipway.model.training.lineage import commit_of

    wanted = Wanted(
        name=name,
        version=version,
        now=datetime.now(UTC),
        labels=tuple(filter(None, (label.strip() for label in labels.split(",")))),
        unit=unit,
        inputs=read_inputs(fields) if fields else (),
        target=target,
        scores=scores,
        output=output,
        module_class=module_class,
        arguments=_object(arguments),
        module_packages=CommandSettings.read().allowed_packages(),
        trust_code=trust_code,
        golden_rows=golden,
        commit=commit_of(Path.cwd()),
        why=why,
    )
    made = package_file(model, read_sample(sample, target), wanted)
    publish_packaged(made, registry, wanted)
    _show(made)
    console.print(f"Wrote {name} {version} to {registry.store.url}")
    if promote:
        newest = registry.newest(name)
        alias = promoted(newest, version, who=who_asks(None), now=datetime.now(UTC), why=why)
        registry.put(name, alias)
        console.print(f"{name} {version} serves from now on (generation {alias.generation}).")


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise PackagingRefused("--arguments is a JSON object, such as '{\"width\": 16}'.")
    return value


def _show(made: "Packaged") -> None:
    found, output = made.compared, made.signature.output
    answers = ", ".join(output.labels) if output.labels else f"a number {output.unit}".strip()
    table = Table(title=f"{made.manifest.name}: fields → {answers}")
    for heading in ("field", "type", "may be missing", "example"):
        table.add_column(heading)
    for field in made.signature.inputs:
        kind = f"{field.type} {' × '.join(map(str, field.shape))}".strip()
        example = "" if field.example is None else str(field.example)
        shown = example if len(example) < 40 else f"{example[:39]}…"
        table.add_row(field.name, kind, "" if field.required else "yes", shown)
    console.print(table)
    console.print(
        f"{found.rows} rows answered as before: the largest difference is {found.difference:.1e}."
    )

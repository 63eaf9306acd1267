"""The facts about models as tables for a person."""

from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

Facts = dict[str, Any]
_WRAPPED = {"why", "figures", "reason", ""}
_STYLES = {"champion": "bold green", "canary": "yellow", "shadow": "yellow", "previous": "cyan"}


def overview(found: list[Facts], console: Console) -> None:
    if not found:
        console.print(
            "There are no models here yet. `slipway train` or `slipway package` makes one."
        )
        return
    table = _table("model", "champion", "since (UTC)", "previous", "challenger", "versions")
    for line in found:
        table.add_row(
            line["model"],
            _or_none(line["champion"], "champion"),
            when(line["changed_at"]),
            _or_none(line["previous"], "previous"),
            _challenger(line["challenger"]),
            str(line["versions"]),
        )
    console.print(table)


def model(found: Facts, console: Console) -> None:
    table = _table("version", "role", "made (UTC)", "size", "figures")
    for line in found["versions"]:
        known = line["problem"] is None
        figures = list(line["metrics"].items())[:3] if known else []
        table.add_row(
            line["version"],
            _role(line["role"]),
            when(line["created_at"]) if known else "",
            size(line["size_bytes"]) if known else "",
            ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in figures)
            if known
            else problem(line["problem"]),
        )
    table.title = _sentence(found)
    console.print(table)
    _refused(found["refused"], console)


def _sentence(found: Facts) -> str:
    if not found["champion"]:
        return f"{found['model']}: no version serves yet"
    return (
        f"{found['model']}: {found['champion']} serves since {when(found['changed_at'])} "
        f"(generation {found['generation']}, {found['changed_by']}: {found['why']})"
    )


def version(found: Facts, console: Console) -> None:
    manifest = found["manifest"]
    table = _table("", "", title=f"{found['model']} {found['version']}")
    table.show_header = False
    table.add_row("role", _role(found["role"]))
    table.add_row("family", f"{manifest['family']} ({manifest['format']})")
    table.add_row("made", f"{when(manifest['created_at'])} by {manifest['made_by']}")
    table.add_row("parent", manifest.get("parent") or "none")
    table.add_row("size", size(found["size_bytes"]))
    table.add_row("digest", found["digest"])
    table.add_row("takes", ", ".join(_field(field) for field in found["signature"]["inputs"]))
    table.add_row("gives", _output(found["signature"]["output"]))
    for name, value in _figures(found["metrics"]):
        table.add_row(name, value)
    table.add_row("why", str(found["lineage"].get("why", "")))
    console.print(table)
    _refused(found["refused"], console)


def _field(field: Facts) -> str:
    return f"{field['name']}: {field['type']}{'' if field.get('required', True) else '?'}"


def _output(output: Facts) -> str:
    if output["kind"] == "classification":
        return "one of " + ", ".join(output["labels"])
    return f"a number{' in ' + output['unit'] if output.get('unit') else ''}"


def _figures(metrics: Facts) -> list[tuple[str, str]]:
    rows = []
    for name, value in metrics.items():
        if isinstance(value, dict) and isinstance(value.get("value"), float):
            low_high = value.get("interval")
            between = f"  (95 %: {low_high[0]:.4g} to {low_high[1]:.4g})" if low_high else ""
            rows.append((name.replace("_", " "), f"{value['value']:.4g}{between}"))
        elif isinstance(value, int | float) and name != "schema":
            rows.append(
                (name.replace("_", " "), f"{value:.4g}" if value != int(value) else f"{value:g}")
            )
    return rows


def verified(found: list[Facts], console: Console) -> None:
    table = _table("model", "version", "every byte as the manifest says", "digest")
    for line in found:
        answer = problem(line["problem"]) if line["problem"] else Text("yes", "green")
        table.add_row(line["model"], line["version"], answer, (line["digest"] or "")[:12])
    console.print(table)


def difference(found: Facts, console: Console) -> None:
    table = _table("", found["old"], found["new"], "", title=found["model"])
    for name, (old, new) in found["metrics"].items():
        change = f"{new - old:+.4g}" if None not in (old, new) else ""
        table.add_row(name.replace("_", " "), _number(old), _number(new), change)
    sizes = found["size_bytes"]
    table.add_row("size", size(sizes[0]), size(sizes[1]), f"{sizes[1] - sizes[0]:+,} bytes")
    for file, values in found["changed"].items():
        table.add_section()
        for key, (old, new) in values.items():
            table.add_row(f"{file.removesuffix('.json')} {key}", _short(old), _short(new), "")
    console.print(table)


def history(found: list[Facts], console: Console) -> None:
    if not found:
        console.print("No version was live then.")
        return
    table = _table("generation", "from (UTC)", "champion", "challenger", "by", "why")
    for alias in found:
        table.add_row(
            str(alias["generation"]),
            when(alias["when"]),
            _or_none(alias["champion"], "champion"),
            _challenger(alias.get("challenger")),
            alias["who"],
            alias["why"],
        )
    console.print(table)


def cleaned(found: Facts, console: Console) -> None:
    verb = "would be removed" if found["dry_run"] else "removed"
    if not found["removed"]:
        console.print(f"Nothing {'would be' if found['dry_run'] else 'was'} removed.")
        return
    table = _table("model", "version", verb + " since it", "size")
    for line in found["removed"]:
        table.add_row(line["name"], line["version"], line["reason"], size(line["size_bytes"]))
    console.print(table)


def _refused(found: list[Facts], console: Console) -> None:
    if not found:
        return
    table = _table(
        "version", "generation", "refused (UTC)", "by", "reason", title="Refused when loaded"
    )
    for line in found:
        row = (line["version"], str(line["generation"]), when(line["when"]), line["where"])
        table.add_row(*row, problem(line["reason"]))
    console.print(table)


def _table(*headings: str, title: str | None = None) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        header_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading not in _WRAPPED)
    return table


def when(text: str | None) -> str:
    """A time as people write it, in UTC."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}" if text else ""


def size(count: int) -> str:
    """Bytes as people write them."""
    for limit, unit in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}"
    return f"{count} bytes"


def problem(text: str) -> Text:
    return Text(text, "red")


def _role(role: str | None) -> Text:
    return Text(role or "", _STYLES.get(role or "", ""))


def _or_none(text: str | None, role: str) -> Text:
    return Text(text, _STYLES[role]) if text else Text("none", "dim")


def _challenger(found: Facts | None) -> str:
    if not found:
        return ""
    share = f" {found['weight']:.4g}" if found.get("weight") else ""
    until = f" until {when(found['expires_at'])}" if found.get("expires_at") else ""
    return f"{found['version']} ({found['mode']}{share}{until}{_over(found)})"


def _over(found: Facts) -> str:
    return ", over" if found.get("over") else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "…"

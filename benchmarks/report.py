"""Results as a table for people and a plot."""

from typing import Any

_COLORS = {"slipway": "#1f6feb"}


def table(result: dict[str, Any]) -> str:
    """Markdown: a table a model; requests a second and the 99th percentile by concurrency."""
    machine = result["machine"]
    lines = [
        f"{machine['cores']} × {machine['processor']}, Python {machine['python']}, "
        f"commit {machine['commit']}, load before {machine['load'][0]:.1f}; "
        + ", ".join(f"{k} {v}" for k, v in machine["versions"].items()),
        "",
    ]
    cells = result["cells"]
    for model in dict.fromkeys(cell["model"] for cell in cells):
        here = [cell for cell in cells if cell["model"] == model]
        connections = sorted({cell["connections"] for cell in here})
        heads = [f"c={c}: /s (p99 ms; cpu µs)" for c in connections]
        lines += [f"**{model}** | " + " | ".join([*heads, "PSS MB", "start s", "errors"])]
        lines += ["| ".join(["---"] + ["--:"] * (len(heads) + 3))]
        for name, features in dict.fromkeys((c["server"], c["features"]) for c in here):
            row = [c for c in here if (c["server"], c["features"]) == (name, features)]
            by = {c["connections"]: c for c in row}
            kind = "" if name == "slipway" else ", equal features" if features else ", plain"
            shown = [
                f"{by[c]['requests_per_second']:.0f} ({by[c]['p99_ms']:.1f}; "
                f"{by[c]['cpu_microseconds']:.0f})"
                for c in connections
            ]
            errors = sum(c["errors"] for c in row)
            rest = [f"{row[0]['pss_megabytes']:.0f}", f"{row[0]['start_seconds']:.2f}", str(errors)]
            lines.append(" | ".join([name + kind, *shown, *rest]))
        lines.append("")
    lines += [f"Left out: {name}: {why[:200]!r}" for name, why in result["absent"].items()]
    return "\n".join(lines) + "\n"


def plot(result: dict[str, Any]) -> str:
    """SVG: a group of bars a model, requests a second at the highest concurrency, best to worst."""
    width, line, left = 720, 22, 220
    body, y = [], 24
    for model in dict.fromkeys(cell["model"] for cell in result["cells"]):
        here = [cell for cell in result["cells"] if cell["model"] == model]
        most = max(cell["connections"] for cell in here)
        here = sorted(
            (cell for cell in here if cell["connections"] == most),
            key=lambda cell: -cell["requests_per_second"],
        )
        body.append(f'<text x="8" y="{y}" font-weight="bold">{model}, {most} connections</text>')
        top = here[0]["requests_per_second"]
        for cell in here:
            y += line
            name = cell["server"] + (
                "" if cell["server"] == "slipway" or not cell["features"] else " ="
            )
            bar = (width - left - 90) * cell["requests_per_second"] / top
            color = _COLORS.get(cell["server"], "#9aa4af")
            body.append(f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{name}</text>')
            body.append(f'<rect x="{left}" y="{y}" width="{bar:.1f}" height="16" fill="{color}"/>')
            body.append(
                f'<text x="{left + bar + 6:.1f}" y="{y + 12}">{cell["requests_per_second"]:.0f}/s</text>'
            )
        y += 2 * line
    machine = result["machine"]
    foot = (
        f"{machine['cores']} × {machine['processor']}, commit {machine['commit']}; = equal features"
    )
    body.append(f'<text x="8" y="{y}" fill="#667">{foot}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + 16}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        + "".join(body)
        + "</svg>\n"
    )

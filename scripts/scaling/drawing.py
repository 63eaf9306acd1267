"""Outcomes as a picture: demand as an area, pods as a line over it, each to its own scale."""

from scaling.simulating import Outcome

_WIDTH, _HEIGHT, _LEFT, _GAP = 720, 120, 60, 48
_POINTS = 360


def drawn(outcomes: dict[str, Outcome]) -> str:
    """SVG with one band an outcome."""
    body = []
    for number, (name, outcome) in enumerate(outcomes.items()):
        body.append(_band(name, outcome, 32 + number * (_HEIGHT + _GAP)))
    height = 32 + len(outcomes) * (_HEIGHT + _GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        + "".join(body)
        + "</svg>\n"
    )


def _band(name: str, outcome: Outcome, top: int) -> str:
    demand, pods = _thinned(outcome.demand), _thinned([float(n) for n in outcome.pods])
    most, most_pods, bottom = max(demand), max(pods), top + _HEIGHT
    area = " ".join(_point(n, value / most, top) for n, value in enumerate(demand))
    line = " ".join(_point(n, value / most_pods, top) for n, value in enumerate(pods))
    hours = len(outcome.demand) / 3_600
    return (
        f'<text x="{_LEFT}" y="{top - 8}" font-weight="bold">{name}</text>'
        f'<text x="{_LEFT + 60}" y="{top - 8}" fill="#667">grey: up to {most:.0f} requests/s; '
        f"blue: up to {most_pods:.0f} pods; {hours:g} h; over the objective for "
        f"{outcome.late_seconds} s</text>"
        f'<polygon fill="#d7dce2" points="{_LEFT},{bottom} {area} {_WIDTH - 16},{bottom}"/>'
        f'<polyline fill="none" stroke="#1f6feb" stroke-width="2" points="{line}"/>'
        f'<line x1="{_LEFT}" x2="{_WIDTH - 16}" y1="{bottom}" y2="{bottom}" stroke="#667"/>'
    )


def _thinned(values: list[float]) -> list[float]:
    step = max(1, len(values) // _POINTS)
    return values[::step][:_POINTS]


def _point(number: int, share: float, top: int) -> str:
    x = _LEFT + number * (_WIDTH - 16 - _LEFT) / (_POINTS - 1)
    return f"{x:.1f},{top + _HEIGHT * (1 - share):.1f}"

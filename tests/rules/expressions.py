"""The metrics that a PromQL expression names, found without a parser of our own for the rest."""

import re

FUNCTIONS = """
    abs absent absent_over_time ceil changes clamp_max clamp_min count_over_time delta histogram_quantile
    increase irate label_replace max_over_time min_over_time avg_over_time last_over_time rate round
    sort_desc sum_over_time time timestamp vector scalar
"""
OPERATORS = "and or unless on ignoring by without bool offset group_left group_right nan inf"
AGGREGATIONS = "avg bottomk count max min quantile stddev sum topk group"
WORDS = frozenset(f"{FUNCTIONS} {OPERATORS} {AGGREGATIONS}".split())
_STRING = r'"(?:[^"\\]|\\.)*"'
_SELECTOR = r"\{[^{}]*\}"
_GROUPING = r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)"
_DURATION = r"\[[^\]]*\]|\boffset\s+\S+"
_NAME = r"(?<![\w.$])[a-zA-Z_][\w:]*"


def metrics_of(expression: str) -> set[str]:
    """Names of series, recorded ones included."""
    text = re.sub(_STRING, '""', expression)
    for part in (_SELECTOR, _GROUPING, _DURATION):
        text = re.sub(part, " ", text)
    return {name for name in re.findall(_NAME, text) if name.lower() not in WORDS}

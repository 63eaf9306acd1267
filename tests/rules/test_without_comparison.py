"""What is asked of a real Prometheus in an alert's place."""

import pytest

from rules.without_comparison import without_comparison


@pytest.mark.parametrize(
    ("alert", "asked"),
    [
        ('a{code="> 5"} > 0.01', 'a{code="> 5"}'),
        ("a / (b > 0) > 14.4 * 0.001", "a / (b)"),
        ("a == 0 or absent(a)", "a or absent(a)"),
        ("a > on (model) group_left () b", "a + on (model) group_left () b"),
        ("a > 0.1 unless on (model) a <= 3 * b", "a and on (model) a + 3 * b"),
    ],
)
def test_comparisons_are_gone_and_everything_else_is_there(alert: str, asked: str) -> None:
    assert without_comparison(alert) == asked

"""A stack that was taken down with its volumes leaves nothing."""

from e2e.stack import Stack


def test_down_leaves_nothing() -> None:
    stack = Stack("slipway-e2e-leaving")
    stack.compose("up", "--detach", "--wait", "--no-build", "redis", "prometheus")
    assert stack.leftovers()
    stack.down()
    assert stack.leftovers() == []

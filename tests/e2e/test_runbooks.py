"""The commands that the runbooks begin with, typed into a shell beside a running stack."""

import re
import subprocess

import pytest

from e2e.stack import ROOT, Stack
from rules.test_rules import ALERTS

# `grep` says 1 where it finds nothing, `slipway` where the store has no version yet: nothing is wrong here.
FINE = (0, 1)
A_SENTENCE = r"(slipway: [^\n]*\n)?"


def first_commands(alert: str) -> list[str]:
    """What stands indented between the third and the fourth heading."""
    text = (ROOT / "docs" / "runbooks" / f"{alert}.md").read_text()
    part = text.partition("## The first three commands")[2].partition("## The fix")[0]
    return re.findall(r"^    (\S.*)$", part, re.MULTILINE)


@pytest.mark.parametrize(
    "command", sorted({command for alert in ALERTS for command in first_commands(alert)})
)
def test_a_command_of_a_runbook_works(stack: Stack, command: str) -> None:
    assert stack.predict({"message": "hello"}).status_code == 200
    done = subprocess.run(
        [
            "bash",
            "-c",
            command.replace("127.0.0.1:8080", _gateway(stack)).replace(
                "127.0.0.1:8001", _monitor(stack)
            ),
        ],
        cwd=ROOT,
        env=stack.environment | {"COMPOSE_PROJECT_NAME": stack.project},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in FINE, done.stderr
    assert re.fullmatch(A_SENTENCE, done.stderr)
    # An error's name is a string; a batch that has none says null. Lines of a log tell of others' errors.
    answered = [line for line in done.stdout.splitlines() if '"event":' not in line]
    assert not re.search(r'"error": *"', "\n".join(answered))


def _gateway(stack: Stack) -> str:
    return f"127.0.0.1:{stack.ports['GATEWAY']}"


def _monitor(stack: Stack) -> str:
    return f"127.0.0.1:{stack.ports['MONITOR']}"

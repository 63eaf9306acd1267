"""The rendered manifests, once a session, and what the cluster has before them."""

import copy
import runpy
from pathlib import Path

import pytest

from manifests.rendered import Rendered

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "k8s"


@pytest.fixture(scope="session")
def made_before() -> dict[str, frozenset[str]]:
    """The Secrets that the bootstrap Job makes; a production cluster brings the same."""
    script = runpy.run_path(str(KUBERNETES / "components/bootstrap-secrets/create_secrets.py"))
    return {name: frozenset(values) for name, values in script["wanted_secrets"]().items()}


@pytest.fixture(scope="session")
def as_committed() -> Rendered:
    return Rendered.of(KUBERNETES)


@pytest.fixture
def rendered(as_committed: Rendered) -> Rendered:
    """A copy that a test may break."""
    return Rendered(copy.deepcopy(as_committed.objects))

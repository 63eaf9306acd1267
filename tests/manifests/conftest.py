"""The rendered manifests, once a session, and what the cluster has before them."""

import copy as copying
import runpy
import shutil
from pathlib import Path

import pytest

from manifests.rendered import Rendered

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "k8s"


@pytest.fixture(scope="session")
def made_before() -> dict[str, frozenset[str]]:
    """The Secrets that the bootstrap Job makes; a production cluster brings the same, and its keys."""
    script = runpy.run_path(str(KUBERNETES / "components/bootstrap-secrets/create_secrets.py"))
    made = {name: frozenset(values) for name, values in script["wanted_secrets"]().items()}
    return made | {"api-keys": frozenset({"api_keys"})}


@pytest.fixture(scope="session")
def as_committed() -> Rendered:
    return Rendered.of(KUBERNETES)


@pytest.fixture
def rendered(as_committed: Rendered) -> Rendered:
    """A copy that a test may break."""
    return Rendered(copying.deepcopy(as_committed.objects))


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deployment's files where a test may add an overlay."""
    top = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "deploy", top / "deploy")
    shutil.copytree(ROOT / "grafana", top / "grafana")
    return top / "deploy" / "k8s"

"""What the images weigh over the Python image that they are made from."""

from e2e.stack import Stack, docker

MEGABYTE = 1_000_000
BASE = "python:3.11-slim-bookworm"
# The two engines that compute, and what PyTorch requires itself.
ENGINES = (
    "onnxruntime torch torch-* torchgen functorch sympy mpmath networkx fsspec jinja2 markupsafe filelock"
    " setuptools typing_extensions.py numpy numpy.libs"
)


def size_megabytes(image: str) -> float:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image)) / MEGABYTE


def version_of(stack: Stack, service: str) -> str:
    return docker("inspect", "--format", "{{.Config.Image}}", stack.containers(service)[0]).strip()


def engines_megabytes(image: str) -> float:
    packages = "cd /app/venv/lib/python3.11/site-packages && du -c --apparent-size -B1"
    command = ("run", "--rm", "--network", "none", "--entrypoint", "sh", image)
    lines = docker(*command, "-c", f"{packages} -s {ENGINES}").splitlines()
    return int(lines[-1].split()[0]) / MEGABYTE


def test_the_monitor_weighs_at_most_300_megabytes(stack: Stack) -> None:
    assert size_megabytes(version_of(stack, "monitor")) - size_megabytes(BASE) <= 300


def test_the_predictor_weighs_at_most_100_megabytes_beside_its_engines(stack: Stack) -> None:
    image = version_of(stack, "predictor")
    assert size_megabytes(image) - size_megabytes(BASE) - engines_megabytes(image) <= 100

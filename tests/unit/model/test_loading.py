"""What is damaged is refused, with the file and the reason."""

import hashlib
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load as read_tensors
from safetensors.torch import save as tensors_as_bytes

from slipway.core.errors import ArtifactRefused
from slipway.model.loading import load
from support.artifacts import put, trained
from support.parts import absent

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    return put(folder / "models", trained(folder))


def _rewrite(directory: Path, name: str, body: bytes) -> None:
    """As somebody who can also write the manifest would: digests fit."""
    (directory / name).write_bytes(body)
    manifest: dict[str, Any] = msgspec.json.decode((directory / "manifest.json").read_bytes())
    entry = {"size_bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    manifest["files"][name] = entry
    (directory / "manifest.json").write_bytes(msgspec.json.encode(manifest))


def _flip(name: str) -> Damage:
    def damage(directory: Path) -> None:
        body = bytearray((directory / name).read_bytes())
        body[len(body) // 2] ^= 1
        (directory / name).write_bytes(bytes(body))

    return damage


def _truncate(directory: Path) -> None:
    body = (directory / "model.safetensors").read_bytes()
    (directory / "model.safetensors").write_bytes(body[:-10])


def _swap(directory: Path) -> None:
    shutil.copy(directory / "config.json", directory / "signature.json")


def _link(directory: Path) -> None:
    (directory / "model.safetensors").rename(directory.parent / "elsewhere.safetensors")
    (directory / "model.safetensors").symlink_to(directory.parent / "elsewhere.safetensors")


class Planted:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (exec, ("raise SystemExit('unpickled')",))


def _pickle(directory: Path) -> None:
    _rewrite(directory, "model.safetensors", pickle.dumps(Planted()))


def _torch_file(directory: Path) -> None:
    torch.save({"linear.weight": torch.zeros(2, 2)}, directory / "saved.pt")
    _rewrite(directory, "model.safetensors", (directory / "saved.pt").read_bytes())
    (directory / "saved.pt").unlink()


def _weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Damage:
    def damage(directory: Path) -> None:
        state = read_tensors((directory / "model.safetensors").read_bytes())
        change(state)
        _rewrite(directory, "model.safetensors", tensors_as_bytes(state))

    return damage


def _golden(directory: Path) -> None:
    rows = msgspec.json.decode((directory / "golden.json").read_bytes())
    rows[0]["expected"]["probabilities"] = {"not_spam": 0.5, "spam": 0.5}
    _rewrite(directory, "golden.json", msgspec.json.encode(rows))


def _json(name: str, **change: object) -> Damage:
    def damage(directory: Path) -> None:
        body = msgspec.json.decode((directory / name).read_bytes())
        _rewrite(directory, name, msgspec.json.encode(body | change))

    return damage


def _manifest(**change: object) -> Damage:
    def damage(directory: Path) -> None:
        body = msgspec.json.decode((directory / "manifest.json").read_bytes())
        (directory / "manifest.json").write_bytes(msgspec.json.encode(body | change))

    return damage


DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "a bit of the weights flipped": (_flip("model.safetensors"), "model.safetensors", "SHA-256"),
    "a bit of the config flipped": (_flip("config.json"), "config.json", "SHA-256"),
    "weights truncated": (_truncate, "model.safetensors", "bytes"),
    "files swapped": (_swap, "signature.json", "bytes"),
    "an extra file": (
        lambda d: (d / "run.pkl").write_bytes(b"x") and None,
        "run.pkl",
        "not listed",
    ),
    "an extra file that is listed": (
        lambda d: _rewrite(d, "run.pkl", b"x"),
        "run.pkl",
        "no version has",
    ),
    "a file missing": (lambda d: (d / "golden.json").unlink(), "golden.json", "missing"),
    "no manifest": (lambda d: (d / "manifest.json").unlink(), "manifest.json", "missing"),
    "a link": (_link, "model.safetensors", "link"),
    "a pickle": (_pickle, "model.safetensors", "not a safetensors file"),
    "a torch file": (_torch_file, "model.safetensors", "not a safetensors file"),
    "another shape": (
        _weights(lambda s: s.update({"linear.weight": torch.zeros(3, 2)})),
        "model.safetensors",
        "shape",
    ),
    "a weight missing": (
        _weights(lambda s: s.pop("linear.bias")),
        "model.safetensors",
        "no weight",
    ),
    "a weight too many": (
        _weights(lambda s: s.update({"extra": torch.zeros(1)})),
        "model.safetensors",
        "lacks",
    ),
    "another number type": (
        _weights(lambda s: s.update({"linear.bias": s["linear.bias"].half()})),
        "model.safetensors",
        "float16",
    ),
    "NaN among the weights": (
        _weights(lambda s: s["linear.bias"].fill_(np.nan)),
        "model.safetensors",
        "NaN",
    ),
    "other golden answers": (_golden, "golden.json", "row 0"),
    "no golden rows": (lambda d: _rewrite(d, "golden.json", b"[]"), "golden.json", "no row"),
    "an unknown option": (_json("config.json", hidden=1), "config.json", "hidden"),
    "an unknown family": (_manifest(family="oracle"), "manifest.json", "oracle"),
    "a later schema": (_manifest(schema=2), "manifest.json", "schema 2"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_refused_with_the_file_and_the_reason(
    whole: Path, tmp_path: Path, kind: str
) -> None:
    damage, file, reason = DAMAGES[kind]
    directory = tmp_path / "version"
    shutil.copytree(whole, directory)
    damage(directory)
    with pytest.raises(ArtifactRefused) as told:
        load(directory)
    assert told.value.file == file
    assert reason in told.value.reason


def test_the_whole_version_loads(whole: Path) -> None:
    assert load(whole).version == "1.0.0"


def test_a_loaded_model_answers_alone_as_in_a_batch(whole: Path) -> None:
    model = load(whole)
    rows = [{"message": f"you have won {n} free phones"[: 4 + n]} for n in range(1, 25)]
    alone = [model.predict([row])[0] for row in rows]
    for one, of_many in zip(alone, model.predict(rows), strict=True):
        assert one.prediction == of_many.prediction
        assert one.probabilities == pytest.approx(of_many.probabilities, abs=1e-6)


def test_rows_of_several_requests_share_a_forward(whole: Path) -> None:
    model = load(whole)
    requests = [[{"message": "hello there"}], [{"message": "win cash"}, {"message": "see you"}]]
    inputs = model.family.join([model.preprocess(rows) for rows in requests])
    together = model.postprocess(model.forward(inputs))
    apart = [answer for rows in requests for answer in model.predict(rows)]
    assert [a.prediction for a in together] == [a.prediction for a in apart]


def test_the_same_files_answer_alike_on_a_gpu(whole: Path) -> None:
    if not torch.cuda.is_available():
        absent("cuda", "torch sees no CUDA device")
    rows = [{"message": "you have won a phone"}, {"message": "see you at noon"}]
    for here, there in zip(
        load(whole).predict(rows), load(whole, "cuda:0").predict(rows), strict=True
    ):
        assert here.probabilities == pytest.approx(there.probabilities, abs=1e-4)

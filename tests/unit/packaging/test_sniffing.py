"""What a file is, found without running anything in it; and what to do instead of a pickle."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from slipway.core.errors import PackagingRefused
from slipway.model.packaging.sniffing import kind_of_file
from support.parts import needed


class Planted:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (exec, ("raise SystemExit('unpickled')",))


def refusal(path: Path) -> str:
    with pytest.raises(PackagingRefused) as refused:
        kind_of_file(path)
    return str(refused.value)


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pt", "model.bin"])
@pytest.mark.parametrize("protocol", [2, 5])
def test_a_pickle_is_told_what_to_do_instead_and_never_read(
    tmp_path: Path, name: str, protocol: int
) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(Planted(), protocol))
    said = refusal(tmp_path / name)
    assert "is a pickle" in said
    assert "skops.io.dump" in said
    assert "state_dict()" in said


def test_a_compressed_joblib_file_is_one_too(tmp_path: Path) -> None:
    needed("joblib")
    import joblib

    joblib.dump(Planted(), tmp_path / "model.joblib", compress=3)
    assert "is a pickle" in refusal(tmp_path / "model.joblib")


def test_a_whole_module_is_told_to_save_its_weights(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "whole.pt")
    said = refusal(tmp_path / "whole.pt")
    assert "whole pickled module" in said
    assert "torch.nn.modules.linear.Linear" in said
    assert "torch.save(model.state_dict(), 'weights.pt')" in said


def test_weights_with_something_planted_beside_them_are_refused(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(2), "more": Planted()}, tmp_path / "planted.pt")
    assert "builtins.exec" in refusal(tmp_path / "planted.pt").replace("__builtin__", "builtins")


def test_the_kinds_that_are_taken_are_known_by_their_content(tmp_path: Path) -> None:
    model = torch.nn.Linear(2, 2)
    torch.save(model.state_dict(), tmp_path / "weights.anything")
    assert kind_of_file(tmp_path / "weights.anything") == "state_dict"
    checkpoint = {"epoch": 3, "model_state_dict": model.state_dict(), "loss": 0.5}
    torch.save(checkpoint, tmp_path / "checkpoint.pt")
    assert kind_of_file(tmp_path / "checkpoint.pt") == "state_dict"
    with zipfile.ZipFile(tmp_path / "m", "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("metadata.json", "{}")
    assert kind_of_file(tmp_path / "m") == "keras"
    (tmp_path / "old.model").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(20))
    assert kind_of_file(tmp_path / "old.model") == "keras"


def test_a_saved_model_of_tensorflow_has_a_documented_way(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")
    assert "tf2onnx.convert --saved-model" in refusal(tmp_path)


def test_torchscript_has_another_way(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "script.pt", "w") as archive:
        archive.writestr("script/code/__torch__.py", "")
        archive.writestr("script/data.pkl", "")
    assert "TorchScript" in refusal(tmp_path / "script.pt")


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 cut off", b"something else"])
def test_anything_else_is_told_what_is_taken(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "model.what").write_bytes(body)
    assert "packaged" in (said := refusal(tmp_path / "model.what")) or "damaged" in said
    assert "no file" in refusal(tmp_path / "absent.pt")

"""What a file is, by its first bytes and its table of contents: nothing in it is unpickled or run."""

import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from slipway.core.errors import PackagingRefused

Kind = Literal["state_dict", "exported_program", "keras", "skops", "onnx"]
_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
# zlib, gzip, bzip2, xz, LZ4: what joblib compresses with.
_COMPRESSED = (b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x04\x22\x4d\x18")
_PICKLES = (".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle")
_OF_WEIGHTS = ("collections OrderedDict", "torch._utils _rebuild_", "torch._tensor _rebuild_")

PICKLE = (
    "{file} is a pickle (joblib writes them too), and reading one runs whatever code is in it, so "
    "Slipway never does. Where the model is in memory, save it as something else: a scikit-learn "
    "estimator with skops.io.dump(model, 'model.skops'), a torch module with "
    "torch.save(model.state_dict(), 'weights.pt'); or call "
    "slipway.model.packaging.packaging.package_into(model, …) there."
)
WHOLE_MODULE = (
    "{file} holds more than weights (it names {found}): a whole pickled module, and reading one "
    "runs whatever code is in it. Save the weights alone, torch.save(model.state_dict(), "
    "'weights.pt'), and name the class with --class package.module:Class."
)
SAVED_MODEL = (
    "{file} is a TensorFlow SavedModel, whose reading needs TensorFlow. Convert it where that is "
    "installed: python -m tf2onnx.convert --saved-model {file} --output model.onnx; then package "
    "model.onnx (docs/packaging.md)."
)
TORCHSCRIPT = (
    "{file} is TorchScript, which carries code. Export the module instead: "
    "torch.export.save(torch.export.export(model, …), 'model.pt2'), or save its state_dict()."
)


def kind_of_file(path: Path) -> Kind:
    """Raises PackagingRefused, with what to do instead, for what is not taken."""
    if path.is_dir() and (path / "saved_model.pb").exists():
        raise PackagingRefused(SAVED_MODEL.format(file=path))
    if not path.is_file():
        raise PackagingRefused(f"There is no file {path}.")
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(_ZIP):
        return _kind_of_zip(path)
    if head.startswith(_HDF5):
        return "keras"
    if path.suffix == ".safetensors":
        return "state_dict"
    if path.suffix == ".onnx":
        return "onnx"
    if head.startswith(_OLD_TORCH):
        raise PackagingRefused(
            f"{path} was saved by a torch before 1.6: save it again with this one."
        )
    if path.suffix in _PICKLES or head[:1] == b"\x80" or head.startswith(_COMPRESSED):
        raise PackagingRefused(PICKLE.format(file=path))
    raise PackagingRefused(
        f"{path} is nothing that can be packaged: a state_dict (.pt, .safetensors), an exported "
        "program (.pt2), a Keras model (.keras, .h5), a skops file (.skops) or ONNX (.onnx)."
    )


def _kind_of_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.rpartition("/")[2]: name for name in archive.namelist()}
            if "archive_format" in names or "serialized_exported_program.json" in names:
                return "exported_program"
            if any("/code/" in name for name in archive.namelist()) or "constants.pkl" in names:
                raise PackagingRefused(TORCHSCRIPT.format(file=path))
            if "data.pkl" in names:
                _refuse_more_than_weights(path, archive.read(names["data.pkl"]))
                return "state_dict"
            if "config.json" in names and "metadata.json" in names:
                return "keras"
            if "schema.json" in names:
                return "skops"
    except zipfile.BadZipFile:
        raise PackagingRefused(f"{path} is damaged: its end is missing or broken.") from None
    raise PackagingRefused(f"{path} is an archive, but of no model that can be packaged.")


def _refuse_more_than_weights(path: Path, pickled: bytes) -> None:
    for name in _named(pickled):
        of_torch = name.startswith("torch ") and name.removeprefix("torch ").isidentifier()
        if not of_torch and not name.startswith(_OF_WEIGHTS):
            found = name.replace(" ", ".")
            raise PackagingRefused(WHOLE_MODULE.format(file=path, found=found))


def _named(pickled: bytes) -> Iterator[str]:
    """What a pickle would import, as `module name`, read from its opcodes."""
    texts: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(pickled):
            if opcode.name in ("GLOBAL", "INST"):
                yield str(argument)
            elif opcode.name == "STACK_GLOBAL":
                yield " ".join(texts[-2:])
            elif isinstance(argument, str):
                texts.append(argument)
    except ValueError:
        yield "something that cannot be read"

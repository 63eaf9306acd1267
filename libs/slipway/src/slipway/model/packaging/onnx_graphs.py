"""What a finished ONNX graph takes and gives, and what of it is refused before it is ever packaged."""

from collections.abc import Sequence
from typing import Any

from slipway.core.errors import PackagingRefused
from slipway.model.families.imported_config import DType
from slipway.model.packaging.matching import Argument
from slipway.model.packaging.wanted import converter

# Operators that a plain onnxruntime has. Others need a library of code, which no image loads.
DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
_DTYPES: dict[str, DType] = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(string)": "string",
}
_SCORES = ("tensor(float)", "tensor(double)")


def checked_graph(body: bytes, what: str) -> None:
    """Raises PackagingRefused for weights in other files, or operators of a library."""
    onnx = converter("onnx", "package-onnx", what)
    helper = converter("onnx.external_data_helper", "package-onnx", what)
    try:
        model = onnx.load_model_from_string(body)
        outside = any(helper.uses_external_data(t) for t in helper._get_all_tensors(model))
        if not outside:
            onnx.checker.check_model(model)
    # protobuf and the checker have errors of their own, with no common root.
    except Exception as wrong:  # noqa: BLE001
        raise PackagingRefused(f"{what} is no valid ONNX model: {str(wrong)[:300]}") from None
    if outside:
        raise PackagingRefused(
            f"{what} keeps weights in other files. Put them into one: "
            "onnx.save(onnx.load('model.onnx'), 'one.onnx'), then package one.onnx."
        )
    used = {opset.domain for opset in model.opset_import}
    if foreign := sorted(used - DOMAINS - {function.domain for function in model.functions}):
        raise PackagingRefused(
            f"{what} uses operators of {foreign[0]!r}, which come from a library of their own: "
            "no image loads one. Export it without them."
        )


def session_of(body: bytes) -> Any:
    """As it is, with no optimization: what the packaged one, which has them, is compared with."""
    runtime = converter("onnxruntime", "onnx", "to ONNX")
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
    except Exception as wrong:  # noqa: BLE001 - one class for each of its codes, without a root
        raise PackagingRefused(f"onnxruntime does not take the graph: {str(wrong)[:300]}") from None


def arguments_of(session: Any) -> list[Argument]:
    found = []
    for given in session.get_inputs():
        if given.type not in _DTYPES:
            raise PackagingRefused(f"The graph's input {given.name!r} is {given.type}.")
        if not given.shape or isinstance(given.shape[0], int):
            raise PackagingRefused(FIXED_ROWS.format(name=given.name, shape=given.shape))
        shape = tuple(size if isinstance(size, int) else None for size in given.shape[1:])
        found.append(Argument(given.name, _DTYPES[given.type], shape))
    return found


FIXED_ROWS = (
    "The model's input {name!r} has the shape {shape}: a fixed number of rows. Export it with a "
    "free first dimension (dynamic_shapes in torch.export, dynamic_axes in older exporters)."
)


def scores_output(session: Any, wanted: str) -> str:
    """The output that is named, else the only one that can hold scores."""
    outputs: Sequence[Any] = session.get_outputs()
    names: list[str] = [found.name for found in outputs if found.type in _SCORES]
    if wanted:
        if wanted not in names:
            raise PackagingRefused(
                f"There is no output {wanted!r} of scores, but {', '.join(names)}."
            )
        return wanted
    if len(names) != 1:
        listed = ", ".join(f"{found.name} ({found.type})" for found in outputs)
        raise PackagingRefused(
            f"The model has the outputs {listed}: say with --output which one holds the scores. "
            "A classifier that gives maps is to be converted with zipmap=False."
        )
    return names[0]

"""A logistic regression written as ONNX by hand: what any other tool may have exported.

Run: python train.py FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    draw = np.random.default_rng(7)
    weights, bias = draw.normal(size=(4, 3)).astype(np.float32), np.zeros(3, np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["signal", "weights", "bias"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        ],
        "logistic_regression",
        [helper.make_tensor_value_info("signal", TensorProto.FLOAT, ["rows", 4])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", 3])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, folder / "gestures.onnx")

    signals = np.round(draw.normal(size=(300, 4)), 3)
    rows = [{"signal": signal} for signal in signals.tolist()]
    (folder / "gestures.json").write_text(json.dumps({"instances": rows}))
    odds = np.exp(signals @ weights.astype(np.float64))
    answers = (odds / odds.sum(axis=1, keepdims=True)).tolist()
    (folder / "gestures.answers.json").write_text(json.dumps(answers))

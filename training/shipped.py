"""Read the weights of a shipped int8 model back as floats, to continue its training."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from training.network import JudgeNetwork, Weights, new_network


def shipped_network(folder: Path, model: Path, dropout: float = 0.0) -> JudgeNetwork:
    """Return the network of the model in `folder`; `model` is the directory of the sentence model it began with.

    Its outputs differ from the shipped ones by little: activations are no longer rounded to eight bits.
    """
    network = new_network(model, dropout)
    network.load_state_dict(_weights(folder / "model.onnx"))
    return network


def _weights(file: Path) -> Weights:
    graph = onnx.load(str(file)).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {
        name: torch.tensor(array) for name, array in arrays.items() if name.endswith((".weight", ".bias"))
    }
    for node in graph.node:
        for name in node.input:
            if name.endswith("_quantized") and name in arrays:
                stem = name.removesuffix("_quantized")
                whole = arrays[name].astype("float32") - arrays[f"{stem}_zero_point"].astype("float32")
                weight = torch.tensor(whole * arrays[f"{stem}_scale"])
                is_table = node.op_type == "Gather"
                found[_parameter(node.name)] = weight if is_table else weight.T.contiguous()
    return found


def _parameter(node: str) -> str:
    """Return the name of the parameter that a node multiplies by: "/head/Gemm_MatMul_quant" reads `head.weight`."""
    return ".".join(node.strip("/").split("/")[:-1]) + ".weight"

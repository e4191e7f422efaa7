"""Export trained weights as the model that Kairos ships: int8 ONNX, tokenizer, settings and checksums.

usage: python -m training.export --weights FILE.pt --model FOLDER --out FOLDER --families FOLDER …

The held-out families serve to fit the temperature that calibrates the chances, and to compare the int8 model with the
trained one: the largest difference of a chance may be 0.05 on average; above that the exit status is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from kairos.ml.judge_outputs import MIRRORED, RELATIONS
from kairos.ml.onnx_judge import OnnxJudge
from kairos.ml.pair_encoding import PairEncoder
from training.batches import LONGEST
from training.families import Example, is_held_out, pairs_of, read_families
from training.network import JudgeNetwork, new_network
from training.score import figures, softmax

_OPSET = 17
_MAX_DIFFERENCE = 0.05
_PAIRS = 1500  # pairs to compare on
_SEED = 7


def to_onnx(network: JudgeNetwork, file: Path) -> None:
    """Write the network as float ONNX with dynamic numbers of rows and tokens.

    Uses the tracing exporter: the newer one (torch 2.13) writes a network whose output differs. `main` checks that.
    """
    network.eval()
    example = torch.ones(2, 9, dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(
        network,
        (example, example, torch.zeros_like(example)),
        str(file),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={name: {0: "rows", 1: "tokens"} for name in names},
        dynamo=False,
        opset_version=_OPSET,
    )


def to_int8(source: Path, target: Path) -> None:
    """Quantise weights to int8 with one scale for each channel; activations are scaled dynamically.

    Weights use seven bits of the range: without VNNI sums of eight-bit products saturate, and the model's output would
    differ on such processors.
    """
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": 1},
    )


def fitted_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature with the lowest log loss, to two decimals."""
    rows = np.arange(len(labels))
    choices = np.arange(0.5, 3.0, 0.02)
    losses = [-np.log(softmax(logits / t)[rows, labels] + 1e-12).mean() for t in choices]
    return round(float(choices[int(np.argmin(losses))]), 2)


def main() -> int:
    """Export, calibrate and compare; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="directory of all-MiniLM-L6-v2")
    parser.add_argument("--families", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    network = new_network(options.model)
    weights = torch.load(options.weights, map_location="cpu", weights_only=True)
    network.load_state_dict({name: value.float() for name, value in weights.items()})
    held_out = [
        example
        for family in read_families(options.families)
        if is_held_out(family)
        for example in pairs_of(family)
    ]
    held_out = random.Random(_SEED).sample(held_out, min(len(held_out), _PAIRS))
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "model.onnx"
        to_onnx(network, whole)
        onnx.checker.check_model(str(whole))
        to_int8(whole, options.out / "model.onnx")
        shutil.copy(options.model / "tokenizer.json", options.out / "tokenizer.json")
        _write_settings(options.out, 1.0)
        small = _logits(options.out, held_out)
    labels = np.array([example.relation for example in held_out])
    _write_settings(options.out, fitted_temperature(small[:, :5], labels))
    large = _torch_logits(network, held_out, options.model / "tokenizer.json")
    known = [(example.relation, example.inference, example.newer) for example in held_out]
    print("trained:", figures(large, known))
    print("int8:   ", figures(small, known))
    apart = float(np.abs(softmax(large[:, :5]) - softmax(small[:, :5])).max(1).mean())
    print(f"mean of the largest difference of a chance: {apart:.4f}")
    return int(apart > _MAX_DIFFERENCE)


@torch.no_grad()
def _torch_logits(network: JudgeNetwork, examples: list[Example], tokenizer: Path) -> np.ndarray:
    """Return the logits of the trained network, averaged over both directions: (examples, 11)."""
    encoder = PairEncoder(tokenizer, longest=LONGEST)
    found = []
    for example in examples:
        logits = []
        for direction in encoder.encode(example.a, example.b):
            ids, types = torch.tensor([direction.ids]), torch.tensor([direction.types])
            logits.append(network(ids, torch.ones_like(ids), types)[0].numpy())
        found.append((logits[0] + logits[1][MIRRORED]) / 2)
    return np.array(found)


def _logits(folder: Path, examples: list[Example]) -> np.ndarray:
    return OnnxJudge(folder).logits([(example.a, example.b) for example in examples])


def _write_settings(folder: Path, temperature: float) -> None:
    """Write config.json: the settings, with the checksums of the files next to it."""
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("model.onnx", "tokenizer.json")
    }
    settings = {
        "relations": [relation.value for relation in RELATIONS],
        "longest": LONGEST,
        "temperature": temperature,
        "sha256": files,
    }
    (folder / "config.json").write_text(json.dumps(settings, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

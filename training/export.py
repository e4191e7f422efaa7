"""Turn trained weights into the model that Kairos ships: int8 ONNX, its tokenizer, its settings, its checksums.

usage: python -m training.export --weights FILE.pt --model FOLDER --out FOLDER [--families FOLDER …]

The temperature that makes the chances honest is fitted on the held-out families. The int8 model is compared with the
trained one on them; a mean difference of chances above 0.05 is an error.
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

from kairos.ml.onnx_judge import OnnxJudge
from kairos.ml.pair_encoding import PairEncoder
from training.batches import LONGEST
from training.families import RELATIONS, Example, is_held_out, pairs_of, read_families
from training.network import JudgeNetwork, fresh
from training.score import figures, softmax
from training.trainer import TURNED

_OPSET = 17
_FURTHEST = 0.05
_ENOUGH = 1500  # pairs that are compared
_SEED = 7


def to_onnx(network: JudgeNetwork, file: Path) -> None:
    """Write the network as float ONNX with free numbers of rows and tokens.

    With the tracing exporter: the newer one (torch 2.13) writes a network that answers otherwise; `main` compares.
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
    """Quantise weights to int8, one scale for each channel; activations are scaled as they come.

    With seven bits of range: on processors without VNNI sums of eight-bit products saturate, and the model would
    answer otherwise there.
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
    """Return the temperature of the lowest loss, to two digits."""
    rows = np.arange(len(labels))
    choices = np.arange(0.5, 3.0, 0.02)
    losses = [-np.log(softmax(logits / t)[rows, labels] + 1e-12).mean() for t in choices]
    return round(float(choices[int(np.argmin(losses))]), 2)


def main() -> int:
    """Export, compare, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="directory of all-MiniLM-L6-v2")
    parser.add_argument("--families", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    network = fresh(options.model)
    weights = torch.load(options.weights, map_location="cpu", weights_only=True)
    network.load_state_dict({name: value.float() for name, value in weights.items()})
    held_out = [
        example
        for family in read_families(options.families)
        if is_held_out(family)
        for example in pairs_of(family)
    ]
    held_out = random.Random(_SEED).sample(held_out, min(len(held_out), _ENOUGH))
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "model.onnx"
        to_onnx(network, whole)
        onnx.checker.check_model(str(whole))
        to_int8(whole, options.out / "model.onnx")
        shutil.copy(options.model / "tokenizer.json", options.out / "tokenizer.json")
        _settle(options.out, 1.0)
        small = _logits(options.out, held_out)
    labels = np.array([example.relation for example in held_out])
    _settle(options.out, fitted_temperature(small[:, :5], labels))
    large = _torch_logits(network, held_out, options.model / "tokenizer.json")
    known = [(example.relation, example.inference, example.newer) for example in held_out]
    print("trained:", figures(large, known))
    print("int8:   ", figures(small, known))
    apart = float(np.abs(softmax(large[:, :5]) - softmax(small[:, :5])).max(1).mean())
    print(f"mean of the largest difference of a chance: {apart:.4f}")
    return int(apart > _FURTHEST)


@torch.no_grad()
def _torch_logits(network: JudgeNetwork, examples: list[Example], tokenizer: Path) -> np.ndarray:
    """Return the mean of both directions' logits, by the network as it was trained."""
    encoder = PairEncoder(tokenizer, longest=LONGEST)
    found = []
    for example in examples:
        logits = []
        for direction in encoder.encode(example.a, example.b):
            ids, types = torch.tensor([direction.ids]), torch.tensor([direction.types])
            logits.append(network(ids, torch.ones_like(ids), types)[0].numpy())
        found.append((logits[0] + logits[1][TURNED]) / 2)
    return np.array(found)


def _logits(folder: Path, examples: list[Example]) -> np.ndarray:
    return OnnxJudge(folder).logits([(example.a, example.b) for example in examples])


def _settle(folder: Path, temperature: float) -> None:
    """Write the settings, with the checksums of the files beside them."""
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

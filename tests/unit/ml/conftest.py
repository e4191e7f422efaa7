"""Tiny models made on the spot; the real ones are only needed for tests of themselves."""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Callable
from pathlib import Path

import pytest

MakeModel = Callable[[int], Path]


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """A function that writes a tiny BERT with random weights for a seed, without a modules.json."""

    def make(seed: int) -> Path:
        # Imported here because they take seconds, and most tests in this directory do without them.
        import torch  # noqa: PLC0415
        from transformers import BertConfig, BertModel, BertTokenizer  # noqa: PLC0415

        directory = tmp_path_factory.mktemp(f"model-{seed}")
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.ascii_lowercase]
        words = [*pieces, *(f"##{letter}" for letter in string.ascii_lowercase)]
        tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(words)})
        tokenizer.save_pretrained(directory)
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
        )
        BertModel(config).save_pretrained(directory)
        return directory

    return make


@pytest.fixture(scope="session")
def tiny_model(make_model: MakeModel) -> Path:
    return make_model(1)


@pytest.fixture(scope="session")
def make_cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that writes a tiny cross-encoder with random weights and these labels."""

    def make(*labels: str) -> Path:
        import torch  # noqa: PLC0415
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizer  # noqa: PLC0415

        directory = tmp_path_factory.mktemp("cross-encoder")
        BertTokenizer(vocab=_vocabulary()).save_pretrained(directory)
        torch.manual_seed(7)
        config = BertConfig(
            vocab_size=len(_vocabulary()),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
            initializer_range=0.8,  # large, so that the random answers differ
            id2label=dict(enumerate(labels)),
            label2id={label: place for place, label in enumerate(labels)},
        )
        BertForSequenceClassification(config).save_pretrained(directory)
        return directory

    return make


@pytest.fixture(scope="session")
def tiny_judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny judge model in the format of the shipped one: quantised at run time, with meaningless opinions."""
    directory = tmp_path_factory.mktemp("judge")
    _write_tokenizer(directory / "tokenizer.json")
    _write_network(directory / "model.onnx")
    _write_settings(directory)
    return directory


@pytest.fixture(scope="session")
def write_network() -> Callable[..., None]:
    """A function that writes a judge model's network with a given number of outputs."""
    return _write_network


@pytest.fixture(scope="session")
def write_settings() -> Callable[..., None]:
    """A function that writes a judge model's settings into its directory; keywords override them."""
    return _write_settings


def _vocabulary() -> dict[str, int]:
    characters = string.ascii_lowercase + string.digits
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *characters,
        *(f"##{char}" for char in characters),
    ]
    return {piece: number for number, piece in enumerate(pieces)}


def _write_tokenizer(file: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers  # noqa: PLC0415

    tokenizer = Tokenizer(models.WordPiece(vocab=_vocabulary(), unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(file))


def _write_network(file: Path, outputs: int = 11) -> None:
    """Write a network whose logits depend on ids, types and, as with int8, on the largest id of the batch."""
    import numpy as np  # noqa: PLC0415
    from onnx import TensorProto, helper, numpy_helper, save  # noqa: PLC0415

    names = ("input_ids", "attention_mask", "token_type_ids")
    weights = np.random.default_rng(3).normal(size=(2, outputs)).astype(np.float32)
    steps = [
        *(helper.make_node("Cast", [name], [f"{name}_f"], to=TensorProto.FLOAT) for name in names),
        helper.make_node("DynamicQuantizeLinear", ["input_ids_f"], ["q", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["seen"]),
        helper.make_node("Mul", ["seen", "attention_mask_f"], ["kept"]),
        helper.make_node("Mul", ["kept", "token_type_ids_f"], ["marked"]),
        helper.make_node("ReduceMean", ["kept"], ["one"], axes=[1]),
        helper.make_node("ReduceMean", ["marked"], ["two"], axes=[1]),
        helper.make_node("Concat", ["one", "two"], ["pooled"], axis=1),
        helper.make_node("Mul", ["pooled", "small"], ["scaled"]),
        helper.make_node("MatMul", ["scaled", "weights"], ["logits"]),
    ]
    graph = helper.make_graph(
        steps,
        "judge",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["rows", "tokens"]) for name in names],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", outputs])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([0.05], dtype=np.float32), "small"),
        ],
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(file))


def _write_settings(directory: Path, **other: object) -> None:
    """Write the settings of a judge model, with the checksums of the files next to them."""
    checksums = {
        name: hashlib.sha256((directory / name).read_bytes()).hexdigest()
        for name in ("model.onnx", "tokenizer.json")
    }
    relations = ["same", "a_contains_b", "b_contains_a", "conflict", "distinct"]
    settings = {"relations": relations, "longest": 64, "temperature": 0.5, "sha256": checksums, **other}
    (directory / "config.json").write_text(json.dumps(settings), encoding="utf-8")

"""A model of some kilobytes, made on the spot: the real one is only needed to test itself."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path

import pytest

MakeModel = Callable[[int], Path]


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """Return a function that writes a tiny BERT with random weights, and no modules.json, for a seed."""

    def make(seed: int) -> Path:
        # Imported here: they take seconds, and most tests of this directory do without.
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

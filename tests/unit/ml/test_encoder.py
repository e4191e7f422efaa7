from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kairos.errors import ModelError
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.model_files import ModelFiles, find_model

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def encoder(tiny_model: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(find_model(path=tiny_model), threads=1)


def test_vectors_are_float32_of_length_one_in_the_order_of_the_texts(
    encoder: SentenceTransformerEncoder,
) -> None:
    texts = ["a rather long text about kilns", "short", "a rather long text about kilns", "", "glaze"]
    vectors = encoder.encode(texts)
    assert (vectors.shape, vectors.dtype) == ((5, 16), np.dtype(np.float32))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[1], encoder.encode(["short"])[0], atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-3)


def test_the_same_texts_give_the_same_bits(encoder: SentenceTransformerEncoder) -> None:
    texts = [f"note {'x' * (number % 7)}" for number in range(70)]
    assert encoder.encode(texts).tobytes() == encoder.encode(texts).tobytes()


def test_encoding_no_texts_loads_no_model(tiny_model: Path) -> None:
    fresh = SentenceTransformerEncoder(find_model(path=tiny_model))
    assert fresh.encode([]).shape == (0, 16)
    assert "model" not in vars(fresh)


def test_progress_ends_with_all_texts(encoder: SentenceTransformerEncoder) -> None:
    seen: list[tuple[int, int]] = []
    encoder.encode([str(number) for number in range(70)], progress=lambda *step: seen.append(step))
    assert seen == [(32, 70), (64, 70), (70, 70)]


def test_surrogates_and_odd_characters_can_be_embedded(encoder: SentenceTransformerEncoder) -> None:
    assert np.isfinite(encoder.encode(["caf\udce9", "\0", "\N{ZERO WIDTH JOINER}" * 300])).all()


def test_other_weights_have_another_fingerprint(tiny_model: Path, make_model: Callable[[int], Path]) -> None:
    assert find_model(path=make_model(2)).fingerprint != find_model(path=tiny_model).fingerprint


def test_a_broken_model_is_reported_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"hidden_size": 8, "model_type": "bert"}', encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match=r"cannot be loaded: \w") as caught:
        SentenceTransformerEncoder(find_model(path=tmp_path)).encode(["text"])
    assert "\n" not in str(caught.value)


def test_a_model_with_other_vectors_than_its_settings_say_is_refused(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="length 16, where its settings say 5"):
        SentenceTransformerEncoder(ModelFiles("tiny", tiny_model, "f", 5)).encode(["text"])


def test_loading_prints_nothing_and_uses_no_network(tiny_model: Path) -> None:
    program = f"""
import socket
def refuse(*_): raise AssertionError("the network was asked")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from pathlib import Path
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.model_files import find_model
import sys
encoder = SentenceTransformerEncoder(find_model(path=Path({str(tiny_model)!r})))
assert "torch" not in sys.modules
encoder.encode(["some text " * 300])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.model
def test_the_real_model_finds_the_paraphrase_nearer() -> None:
    try:
        files = find_model()
    except ModelError as error:
        pytest.skip(str(error))
    vectors = SentenceTransformerEncoder(files).encode(
        [
            "The kiln is fired on Mondays.",
            "On Mondays they fire the kiln.",
            "Glazes are kept in the cellar.",
        ]
    )
    assert vectors[0] @ vectors[1] > 0.8
    assert vectors[0] @ vectors[2] < 0.5


def test_a_model_that_was_unloaded_is_loaded_again(tiny_model: Path) -> None:
    encoder = SentenceTransformerEncoder(find_model(path=tiny_model))
    before = encoder.encode(["a kiln"])
    encoder.unload()
    assert "model" not in vars(encoder)
    assert encoder.encode(["a kiln"]).tobytes() == before.tobytes()

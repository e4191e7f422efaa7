"""A compiled model's vectors: close to the original's, and the same whatever else is in the batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.ml.compile import MIN_COSINE, compile_model
from kairos.ml.compiled import NETWORK, Compiled, CompiledEncoder, DamagedModelError
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.model_files import ModelFiles, find_model
from kairos.ml.probes import PROBES

NOTES = (
    "The kiln is fired on Mondays.",
    "On Mondays they fire the kiln, but never after 18:00.",
    "Glazes are kept in the cellar, next to the two sacks of clay.",
    "ok",
    "Порт 5432, не 5433.",
    "x" * 3000,
)


@pytest.fixture(scope="module")
def real(compiled_models: Path) -> CompiledEncoder:
    """The real model, compiled once for all tests."""
    from kairos.ml.encoders import find_encoder  # noqa: PLC0415

    found = find_encoder(find_model(), compiled_models)
    assert found.notices == ()
    assert isinstance(found.encoder, CompiledEncoder)
    return found.encoder


@pytest.mark.model
def test_the_quantised_real_model_is_close_to_its_original(
    real: CompiledEncoder, reference: SentenceTransformerEncoder
) -> None:
    cosines = (real.encode(NOTES) * reference.encode(NOTES)).sum(axis=1)
    assert cosines.min() > MIN_COSINE
    assert real._compiled.kind in {"int8", "int7"}
    assert not real._compiled.alone
    assert real.fingerprint != reference.fingerprint


@pytest.fixture(scope="module")
def reference() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(find_model())


@pytest.mark.model
@settings(max_examples=40)
@given(
    company=st.lists(st.sampled_from(PROBES[:-2]) | st.text(max_size=60), max_size=12),
    place=st.integers(0, 12),
    threads=st.integers(1, 3),
)
def test_a_vector_depends_only_on_its_text(
    real: CompiledEncoder, company: list[str], place: int, threads: int
) -> None:
    alone = np.stack([real.encode([text])[0] for text in (*NOTES[:3], *company)])
    encoder = CompiledEncoder(real._files, real._folder, real._compiled, threads=threads)
    vars(encoder).update({name: vars(real)[name] for name in ("_network", "_tokenizer")})  # load it only once
    together = [*company[:place], *NOTES[:3], *company[place:]]
    found = dict(zip(together, encoder.encode(together), strict=True))
    for text, vector in zip((*NOTES[:3], *company), alone, strict=True):
        assert found[text].tobytes() == vector.tobytes()


@pytest.mark.model
def test_texts_of_equal_length_share_a_run_and_keep_their_bits(real: CompiledEncoder) -> None:
    texts = [f"The kiln number {number} is fired on Mondays." for number in range(10, 99)]
    assert len({len(real._ids([text])[0]) for text in texts}) == 1
    together = real.encode(texts)
    assert together.tobytes() == np.concatenate([real.encode([text]) for text in texts]).tobytes()


def compiled_by(files: ModelFiles, folder: Path) -> CompiledEncoder:
    folder.mkdir()
    compiled = compile_model(files, folder)
    assert compiled.reason == ""
    return CompiledEncoder(files, folder, compiled)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_modules_after_the_transformer_are_compiled_too(
    tiny_model: Path, tmp_path: Path, pooling: str
) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer import modules as models  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    transformer = models.Transformer(str(tiny_model), max_seq_length=12)
    width = 16
    parts = [
        transformer,
        models.Pooling(width, pooling_mode=pooling),
        models.Dense(width, 8, activation_function=nn.Tanh()),
    ]
    SentenceTransformer(modules=parts, device="cpu").save(str(tmp_path / "model"))
    files = find_model(path=tmp_path / "model")
    assert files.dimension == 8
    encoder, original = compiled_by(files, tmp_path / "out"), SentenceTransformerEncoder(files)
    texts = ["a kiln", "glaze and clay and glaze and clay and more of it", ""]
    cosines = (encoder.encode(texts) * original.encode(texts)).sum(axis=1)
    assert cosines.min() > MIN_COSINE
    company = [f"{one}{other}" for one in "abcdefghijklm" for other in ("", " kiln", " glaze")]
    assert encoder.encode([*company, *texts])[-3:].tobytes() == encoder.encode(texts).tobytes()
    # Cut off where the original stops reading.
    longer = encoder.encode([f"{texts[1]} {texts[1]}", f"{texts[1]} {texts[0]}"])
    assert longer[0].tobytes() == longer[1].tobytes()


def test_progress_ends_with_all_texts(tiny_model: Path, tmp_path: Path) -> None:
    encoder = compiled_by(find_model(path=tiny_model), tmp_path / "out")
    seen: list[tuple[int, int]] = []
    encoder.encode(["a", "bc", "d", "caf\udce9"], progress=lambda *step: seen.append(step))
    assert seen[-1] == (4, 4)
    assert encoder.encode([]).shape == (0, 16)


def test_a_model_that_is_no_transformer_is_not_compiled(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer import modules as models  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415
    from tokenizers.models import WordLevel  # noqa: PLC0415

    words = Tokenizer(WordLevel({"[UNK]": 0, "kiln": 1}, unk_token="[UNK]"))  # noqa: S106 - no password
    static = models.StaticEmbedding(words, embedding_dim=8)
    SentenceTransformer(modules=[static], device="cpu").save(str(tmp_path / "model"))
    out = tmp_path / "out"
    out.mkdir()
    compiled = compile_model(ModelFiles("static", tmp_path / "model", "f", 8), out)
    assert (compiled.kind, Compiled.read(out)) == ("none", compiled)
    assert compiled.reason
    assert not (out / NETWORK).exists()


def test_a_changed_network_is_not_loaded(tiny_model: Path, tmp_path: Path) -> None:
    compiled_by(find_model(path=tiny_model), tmp_path / "out")
    network = tmp_path / "out" / NETWORK
    network.write_bytes(network.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedModelError, match="is damaged"):
        Compiled.read(tmp_path / "out").check(tmp_path / "out")


@pytest.mark.model
def test_a_model_that_was_unloaded_is_loaded_again(real: CompiledEncoder) -> None:
    encoder = CompiledEncoder(real._files, real._folder, real._compiled)
    before = encoder.encode(NOTES[:3])
    encoder.unload()
    assert not {"_network", "_tokenizer"} & vars(encoder).keys()
    assert encoder.encode(NOTES[:3]).tobytes() == before.tobytes()

"""`python -m bench.speed.peers TASK TEXTS.json [MODEL]`: run another program on the same texts, one process per task.

Prints one JSON object. Everything runs on this machine, with the weights that Kairos uses.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Each task imports only what it uses, because its process is timed from the start.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_STATIC_DIMENSIONS = 256
_STATIC_COMMON = 1e-4
_BATCH = 32
_WARM_UP = 16


def mining(texts: Sequence[str], _: str) -> dict[str, Any]:
    """Find paraphrases with sentence-transformers, in fp32."""
    from sentence_transformers.util import paraphrase_mining

    return {"found": len(paraphrase_mining(reference(), list(texts), show_progress_bar=False))}


def semhash(texts: Sequence[str], _: str) -> dict[str, Any]:
    """Deduplicate with SemHash, using the same encoder run by sentence-transformers."""
    return _deduplicated(texts, reference())


def semhash_static(texts: Sequence[str], model: str) -> dict[str, Any]:
    """Deduplicate with SemHash, using a static model made by `distil`."""
    from model2vec import StaticModel

    return _deduplicated(texts, StaticModel.from_pretrained(model))


def distil(_texts: Sequence[str], model: str) -> dict[str, Any]:
    """Make a static model from the encoder's own weights: one vector for each token of its vocabulary.

    This follows model2vec: encode each token by itself, reduce the dimensions, and weight common tokens less.
    """
    import numpy as np
    from model2vec import StaticModel

    encoder = reference()
    words = encoder.tokenizer
    tokens = words.convert_ids_to_tokens(range(words.vocab_size))
    vectors = encoder.encode([token.removeprefix("##") for token in tokens], batch_size=256)
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    share = 1 / (np.arange(len(tokens)) + 2)  # Zipf's law: the vocabulary is sorted by token frequency
    weights = _STATIC_COMMON / (_STATIC_COMMON + share / share.sum())
    small = (centred @ axes[:, ::-1][:, :_STATIC_DIMENSIONS]) * weights[:, None]
    StaticModel(small.astype(np.float32), words.backend_tokenizer, normalize=True).save_pretrained(model)
    return {"tokens": len(tokens)}


def encode_reference(texts: Sequence[str], _: str) -> dict[str, Any]:
    """Encode with sentence-transformers, in fp32."""
    model = reference()
    return _throughput(
        texts, lambda some: model.encode(list(some), batch_size=_BATCH, show_progress_bar=False)
    )


def encode_kairos(texts: Sequence[str], _: str) -> dict[str, Any]:
    """Encode as Kairos does, including its vector cache."""
    from kairos.config import default_config
    from kairos.dream import Kairos

    encoder = Kairos(default_config(), os.environ, datetime.now(UTC)).vectors().encoder
    return _throughput(texts, encoder.encode) | {"encoder": encoder.fingerprint}


def reference() -> SentenceTransformer:
    """Load the encoder's weights with sentence-transformers, on the CPU."""
    from sentence_transformers import SentenceTransformer

    from kairos.ml.model_files import find_model

    return SentenceTransformer(str(find_model().directory), device="cpu")


def _deduplicated(texts: Sequence[str], model: Any) -> dict[str, Any]:  # noqa: ANN401 - either encoder
    from semhash import SemHash
    from vicinity import Backend

    found = SemHash.from_records(list(texts), model=model, ann_backend=Backend.BASIC)
    return {"found": len(found.self_deduplicate().filtered)}


def _throughput(texts: Sequence[str], encode: Callable[[Sequence[str]], object]) -> dict[str, Any]:
    """Time only the encoding: the model is loaded and warmed up before the clock starts."""
    encode([f"Warming up, text {number} of them." for number in range(_WARM_UP)])
    began = time.perf_counter()
    encode(texts)
    return {"texts_per_second": len(texts) / (time.perf_counter() - began)}


TASKS: dict[str, Callable[[Sequence[str], str], dict[str, Any]]] = {
    "mining": mining,
    "semhash": semhash,
    "semhash-static": semhash_static,
    "distil": distil,
    "encode-reference": encode_reference,
    "encode-kairos": encode_kairos,
}

if __name__ == "__main__":
    task, file, *rest = sys.argv[1:]
    found = TASKS[task](json.loads(Path(file).read_text(encoding="utf-8")), rest[0] if rest else "")
    print(json.dumps(found))

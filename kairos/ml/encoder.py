"""Texts to vectors: the protocol of an encoder, and an encoder that uses sentence-transformers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from kairos.errors import ModelError
from kairos.ml.encodable import encodable
from kairos.ml.model_files import ADVICE, ModelFiles
from kairos.ml.threads import usable_cores
from kairos.ml.torch_models import load_offline, silence

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]  # done, total

_BATCH = 32


class Encoder(Protocol):
    """Embeds texts. Equal fingerprints mean equal vectors."""

    @property
    def name(self) -> str:
        """The model's name, as shown to people."""

    @property
    def fingerprint(self) -> str:
        """A string that changes with the model's weights and settings."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return an array (len(texts), dimension) of unit vectors, in the order of the texts."""

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        """Return a length for each text: embedding texts of one length together takes the least time."""

    def load(self) -> None:
        """Load what the first text would wait for. Raises ModelError."""

    def unload(self) -> None:
        """Release the model; the next text loads it again."""


class SentenceTransformerEncoder:
    """An encoder that runs on the CPU; torch is imported and the model loaded with the first text.

    A text is truncated to as many tokens as the model reads (256 for all-MiniLM-L6-v2).
    """

    def __init__(self, files: ModelFiles, *, threads: int | None = None) -> None:
        self._files = files
        self._threads = threads or usable_cores()

    @property
    def name(self) -> str:
        """The model's name, as shown to people."""
        return self._files.name

    @property
    def fingerprint(self) -> str:
        """A hash of the model's weights and settings."""
        return self._files.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._files.dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return an array (len(texts), dimension) of unit vectors, in the order of the texts."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Texts of similar length share a batch, so that little is wasted on padding.
        order = sorted(range(len(texts)), key=lambda row: (len(texts[row]), row))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._encode_batch([encodable(texts[row]) for row in rows])
            if progress is not None:
                progress(start + len(rows), len(texts))
        return vectors

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        """Return how many characters each text has."""
        return list(map(len, texts))

    def load(self) -> None:
        """Load the model."""
        _ = self.model

    def unload(self) -> None:
        """Release the model; the next text loads it again."""
        vars(self).pop("model", None)

    def _encode_batch(self, texts: list[str]) -> Vectors:
        with silence():
            batch = np.asarray(
                self.model.encode(
                    texts, batch_size=_BATCH, show_progress_bar=False, normalize_embeddings=True
                ),
                dtype=np.float32,
            )
        if batch.shape[1] != self.dimension:
            raise ModelError(
                f"The model in {self._files.directory} gives vectors of length {batch.shape[1]}, "
                f"where its settings say {self.dimension}.",
                ADVICE,
            )
        return batch

    @cached_property
    def model(self) -> SentenceTransformer:
        """The model, loaded on first use."""

        def load() -> SentenceTransformer:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds

            # Without a modules.json this uses mean pooling, which is what such models expect.
            return SentenceTransformer(str(self._files.directory), device="cpu", local_files_only=True)

        return load_offline(load, self._files.directory, threads=self._threads, advice=ADVICE)

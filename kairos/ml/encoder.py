"""Texts to vectors: what an encoder is, and the one made by sentence-transformers."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from kairos.errors import ModelError
from kairos.ml.model_files import ADVICE, ModelFiles
from kairos.ml.threads import usable_cores

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]  # done, total

_BATCH = 32


class Encoder(Protocol):
    """Gives texts their vectors. Equal fingerprints mean equal vectors."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    @property
    def fingerprint(self) -> str:
        """A text that changes with the model's weights and settings."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return an array (len(texts), dimension) of rows of length 1, in the order of the texts."""


class SentenceTransformerEncoder:
    """An encoder that runs on the CPU; torch is imported and the model loaded when the first text comes.

    A text is cut after as many tokens as the model reads (256 for all-MiniLM-L6-v2).
    """

    def __init__(self, files: ModelFiles, *, threads: int | None = None) -> None:
        self._files = files
        self._threads = threads or usable_cores()

    @property
    def name(self) -> str:
        """What a person calls the model."""
        return self._files.name

    @property
    def fingerprint(self) -> str:
        """A text that changes with the model's weights and settings."""
        return self._files.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._files.dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return an array (len(texts), dimension) of rows of length 1, in the order of the texts."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Texts of like length share a batch, so that little is computed for padding.
        order = sorted(range(len(texts)), key=lambda row: (len(texts[row]), row))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._encode_batch([_encodable(texts[row]) for row in rows])
            if progress is not None:
                progress(start + len(rows), len(texts))
        return vectors

    def _encode_batch(self, texts: list[str]) -> Vectors:
        with _silence():
            batch = np.asarray(
                self._model.encode(
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
    def _model(self) -> SentenceTransformer:
        # The model is a directory by now: nothing below may ask the network for anything.
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            model = _load(self._files)
        except Exception as error:  # three libraries, each with its own ways to fail
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"The model in {self._files.directory} cannot be loaded: {reason}", ADVICE
            ) from error
        _set_threads(self._threads)
        return model


def _load(files: ModelFiles) -> SentenceTransformer:
    with _silence():
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds
        from transformers.utils import logging as transformers_logging  # noqa: PLC0415

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        # Without a modules.json this averages over the tokens, as such models want it.
        return SentenceTransformer(str(files.directory), device="cpu", local_files_only=True)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what the libraries would tell a programmer away from the user's terminal."""
    loggers = [logging.getLogger(name) for name in ("transformers", "sentence_transformers")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _set_threads(count: int) -> None:
    import torch  # noqa: PLC0415 - takes seconds

    torch.set_num_threads(count)


def _encodable(text: str) -> str:
    """Replace lone surrogates, which stand for bytes that were no UTF-8: tokenizers refuse them."""
    return text.encode("utf-8", "replace").decode("utf-8")

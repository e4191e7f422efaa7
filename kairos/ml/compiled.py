"""The fast encoder: a compiled model that ONNX Runtime runs without torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kairos.ml.encodable import encodable
from kairos.ml.encoder import Progress, Vectors
from kairos.ml.file_checksums import FileChecksums
from kairos.ml.model_files import ModelFiles
from kairos.ml.onnx_runtime import open_session, session_options
from kairos.ml.threads import usable_cores

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

COMPILER = 2
"""Version of the compiler: raised when the same weights are compiled to something that gives other vectors."""
NETWORK, TOKENIZER, SETTINGS = "model.onnx", "tokenizer.json", "settings.json"
_WINDOW = 1024  # texts that are grouped by length at a time
_TOKENS_PER_RUN = 512  # most tokens in a run: the activations of many more do not fit into a core's own cache


class DamagedModelError(Exception):
    """The compiled model is not as it was written; the message completes "The compiled model …"."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The compiler's record: the network's kind ("int8", "int7", "fp32"), the lowest cosine to the original, and the
    checksums by file name. Kind "none" says that these `versions` of the libraries cannot compile the model, and why.
    `alone`: each text needs a run of its own, because other texts in it would change its vector."""

    kind: str
    alone: bool = False
    lowest: float = 0.0
    reason: str = ""
    sha256: dict[str, str] | None = None
    versions: dict[str, str] | None = None

    @classmethod
    def read(cls, folder: Path) -> Compiled:
        """Read the record in `folder`. Raises DamagedModelError, or FileNotFoundError if there is none."""
        try:
            return cls(**json.loads((folder / SETTINGS).read_bytes()))
        except FileNotFoundError:
            raise
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise DamagedModelError(f"cannot be read ({error})") from error

    def write(self, folder: Path) -> None:
        """Write the record into `folder`."""
        (folder / SETTINGS).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    def check(self, folder: Path, known: FileChecksums | None = None) -> None:
        """Verify the checksums of the files; `known` holds those of unchanged files. Raises DamagedModelError."""
        known = known or FileChecksums()
        for name in (NETWORK, TOKENIZER):
            try:
                found = known.of(folder / name)
            except OSError as error:
                raise DamagedModelError(f"cannot be read ({error.strerror})") from error
            if found != (self.sha256 or {}).get(name):
                raise DamagedModelError("is damaged")


class CompiledEncoder:
    """Runs the model `files` as compiled into `folder`; it is loaded with the first text.

    Texts with the same number of tokens share a run, so nothing is padded or masked. A vector is the same to the last
    bit, whatever else is encoded, in any order and on any number of threads.
    """

    def __init__(
        self, files: ModelFiles, folder: Path, compiled: Compiled, *, threads: int | None = None
    ) -> None:
        self._files = files
        self._folder = folder
        self._compiled = compiled
        self._threads = threads

    @property
    def name(self) -> str:
        """The model's name, as shown to people."""
        return self._files.name

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the model's weights and settings and of the compiled network."""
        network = (self._compiled.sha256 or {}).get(NETWORK, "")
        described = f"{self._files.fingerprint} compiled {COMPILER} {self._compiled.kind} {network}"
        return hashlib.sha256(described.encode()).hexdigest()

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._files.dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return an array (len(texts), dimension) of unit vectors, in the order of the texts."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        threads = self._threads or usable_cores()
        with ThreadPoolExecutor(threads) as pool:
            for start in range(0, len(texts), _WINDOW):
                shares = _shares(texts[start : start + _WINDOW], threads)
                ids = list(chain.from_iterable(pool.map(self._ids, shares)))
                runs = list(self._runs(ids))
                done = start
                for run, found in zip(runs, pool.map(partial(self._run, ids), runs), strict=True):
                    vectors[[start + row for row in run]] = found
                    done += len(run)
                    if progress is not None:
                        progress(done, len(texts))
        return vectors

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        """Return how many tokens each text has, which decides whether texts can share a run."""
        return list(map(len, self._ids(texts)))

    def load(self) -> None:
        """Load the network and its tokenizer."""
        _ = self._network, self._tokenizer

    def unload(self) -> None:
        """Release the model; the next text loads it again."""
        for part in ("_tokenizer", "_network"):
            vars(self).pop(part, None)

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokenizer.encode_batch_fast([encodable(text) for text in texts])
        return [encoding.ids for encoding in encoded]

    def _runs(self, ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Yield the rows that share a run, the longest texts first."""
        by_length: dict[int, list[int]] = {}
        for row, tokens in enumerate(ids):
            by_length.setdefault(len(tokens), []).append(row)
        for length in sorted(by_length, reverse=True):
            rows = by_length[length]
            most = 1 if self._compiled.alone else max(1, _TOKENS_PER_RUN // max(1, length))
            size = ceil(len(rows) / ceil(len(rows) / most))  # equal sizes, without a small run at the end
            for start in range(0, len(rows), size):
                yield rows[start : start + size]

    def _run(self, ids: Sequence[Sequence[int]], run: Sequence[int]) -> Vectors:
        tokens = np.array([ids[row] for row in run], dtype=np.int64)
        (vectors,) = self._network.run(None, {"ids": tokens})
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer  # noqa: PLC0415 - only when a text is new

        return Tokenizer.from_file(str(self._folder / TOKENIZER))

    @cached_property
    def _network(self) -> InferenceSession:
        return session(self._folder / NETWORK)


def _shares(texts: Sequence[str], threads: int) -> Iterator[Sequence[str]]:
    """Split texts into one consecutive share for each thread."""
    size = ceil(len(texts) / threads)
    return (texts[start : start + size] for start in range(0, len(texts), size))


def versions() -> dict[str, str]:
    """Return the versions of the libraries that compile and run a model; "" for those not installed."""
    return {name: version_of(name) for name in ("torch", "onnx", "onnxruntime")}


def version_of(package: str) -> str:
    """Return the version of an installed package without importing it; "" if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def session(network: Path, optimised: Path | None = None) -> InferenceSession:
    """Load a network, and write the optimised graph to `optimised`. A run uses one thread; callers run several."""
    options = session_options()
    options.enable_cpu_mem_arena = False
    if optimised is not None:
        from onnxruntime import GraphOptimizationLevel  # noqa: PLC0415 - only when a model is compiled

        # Not the highest level: the optimisations beyond this one are specific to this processor.
        options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(optimised)
    return open_session(network, options)

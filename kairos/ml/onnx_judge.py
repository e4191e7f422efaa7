"""The judge model that Kairos ships: an int8 cross-encoder over marked pairs, run by ONNX Runtime on the CPU."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kairos.errors import ModelError
from kairos.ml.pair_encoding import EncodedPair, PairEncoder
from kairos.ml.threads import usable_cores
from kairos.model import Opinion

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PACKAGED = Path(__file__).parent / "judge_model"
"""Where the shipped model lies."""
ADVICE = "Install Kairos again, or name another model with judge.model in the configuration."
_TOKENS = 4096  # padded tokens of a batch: what fits the caches of a small processor
_TURNED = [0, 2, 1, 3, 4, 5, 6, 7, 8, 10, 9]
_RELATIONS, _NEWER = slice(0, 5), slice(8, 11)
_OUTPUTS = 11

Logits = npt.NDArray[np.float32]


class OnnxJudge:
    """The model in `directory`: `model.onnx`, `tokenizer.json` and `config.json`, checked when they are loaded.

    Raises ModelError where a file is missing or is not the one that its settings name.
    """

    def __init__(self, directory: Path = PACKAGED) -> None:
        self._directory = directory
        self._settings = _settings(directory)
        self.fingerprint: str = hashlib.sha256(
            json.dumps(self._settings, sort_keys=True).encode()
        ).hexdigest()

    def opinions(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> list[Opinion]:
        """Return what the model thinks of each pair of texts; exchanged texts give the mirrored opinion."""
        logits = self.logits(pairs, progress)
        relations = _softmax(logits[:, _RELATIONS] / float(self._settings["temperature"]))
        newer = _softmax(logits[:, _NEWER])
        return [
            Opinion(*map(float, row), newer_a=float(times[1]), newer_b=float(times[2]))
            for row, times in zip(relations, newer, strict=True)
        ]

    def logits(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> Logits:
        """Return the mean of both directions' logits: (pairs, 11), without the temperature."""
        found = np.zeros((len(pairs), _OUTPUTS), dtype=np.float32)
        encoded = [self._encoder.encode(a, b) for a, b in pairs]
        done = 0
        for rows in _batches(encoded):
            forward = self._run([encoded[row][0] for row in rows])
            backward = self._run([encoded[row][1] for row in rows])
            found[rows] = (forward + backward[:, _TURNED]) / 2
            done += len(rows)
            if progress is not None:
                progress(done, len(pairs))
        return found

    def _run(self, batch: Sequence[EncodedPair]) -> Logits:
        width = max(len(pair.ids) for pair in batch)
        shape = (len(batch), width)
        ids, types, mask = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        for row, pair in enumerate(batch):
            size = len(pair.ids)
            ids[row, :size], types[row, :size], mask[row, :size] = pair.ids, pair.types, 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        (logits,) = self._session.run(None, inputs)
        return np.asarray(logits, dtype=np.float32)

    @cached_property
    def _encoder(self) -> PairEncoder:
        self._check("tokenizer.json")
        return PairEncoder(self._directory / "tokenizer.json", longest=int(self._settings["longest"]))

    @cached_property
    def _session(self) -> InferenceSession:
        self._check("model.onnx")
        import onnxruntime  # noqa: PLC0415 - only where a pair is in question

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = usable_cores()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        file = str(self._directory / "model.onnx")
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def _check(self, name: str) -> None:
        file = self._directory / name
        try:
            with file.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise ModelError(f"The judge model's {file} cannot be read: {error.strerror}.", ADVICE) from error
        if found != self._settings["sha256"].get(name):
            raise ModelError(f"{file} is not the file that was published.", ADVICE)


def _settings(directory: Path) -> dict[str, Any]:
    try:
        settings = json.loads((directory / "config.json").read_bytes())
        float(settings["temperature"]), int(settings["longest"]), dict(settings["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{directory} holds no judge model that Kairos can read.", ADVICE) from error
    return dict(settings)


def _batches(encoded: Sequence[tuple[EncodedPair, EncodedPair]]) -> Iterator[list[int]]:
    """Yield rows of like lengths, so that little is padded."""
    batch: list[int] = []
    for row in sorted(range(len(encoded)), key=lambda row: len(encoded[row][0].ids)):
        if batch and (len(batch) + 1) * len(encoded[row][0].ids) > _TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _softmax(logits: Logits) -> Logits:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), dtype=np.float32)

"""The judge model that Kairos ships: an int8 cross-encoder over marked pairs, run by ONNX Runtime on the CPU."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kairos.errors import ModelError
from kairos.ml.file_checksums import checksum as checksum_of
from kairos.ml.judge_outputs import MIRRORED, OUTPUTS, RELATIONS
from kairos.ml.onnx_runtime import open_session, session_options
from kairos.ml.pair_encoding import EncodedPair, PairEncoder, reading_fingerprint
from kairos.ml.sides import canonical_order, oriented_as
from kairos.ml.threads import usable_cores
from kairos.model import Opinion

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PACKAGED = Path(__file__).parent / "judge_model"
"""The directory of the shipped model."""
ADVICE = "Install Kairos again, or name another model with judge.model in the configuration."
_WINDOW = 64  # pairs between two reports of progress: a second of work, or less
_RELATIONS, _NEWER = slice(0, 5), slice(8, 11)
_MERGING, _CONFLICT = slice(0, 3), 3
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_RELATION_NAMES = [relation.value for relation in RELATIONS]
_UNLIKELY = 0.1
"""If the first order gives both a merge and a conflict less than this chance, the other order is not read: in 696 such
pairs of real directories the mean of both orders was never high enough to matter. Saves more than a quarter of the
time."""
_MIN_LONGEST = 16  # tokens of a pair: a `longest` up to this leaves too little to judge

Directions = tuple[EncodedPair, EncodedPair]
Logits = npt.NDArray[np.float32]


class OnnxJudge:
    """The model in `directory`: `model.onnx`, `tokenizer.json` and `config.json`, checked when they are loaded.

    Each pair is a run of its own, first with its sides in one order, then in the other; the first is enough if it says
    that they are about different things. The int8 model scales its activations by the largest value of a run, so in a
    larger batch an opinion would depend on the other pairs (by 0.007, measured). Run alone, an opinion is the same to
    the last bit, whatever else is asked, in any order and on any number of threads. It costs no time, since nothing is
    padded. Raises ModelError if a file is missing or is not the one named in the settings.
    """

    def __init__(self, directory: Path = PACKAGED) -> None:
        self._directory = directory
        self._settings = _settings(directory)
        self._temperature = np.float32(self._settings["temperature"])
        self.name = "Kairos' judge model" if directory == PACKAGED else str(directory)
        described = json.dumps([self._settings, reading_fingerprint(), _UNLIKELY], sort_keys=True)
        self.fingerprint = hashlib.sha256(described.encode()).hexdigest()

    def load(self) -> None:
        """Load the network and its tokenizer, once in a process."""
        self._encoder()
        self._session()

    def opinions(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> list[Opinion]:
        """Return the model's opinion on each pair of texts; exchanged texts give the mirrored opinion."""
        logits, whole = self._read(pairs, progress)
        return [
            # Mirror the finished opinion: mirrored logits would be summed in another order and differ in the last bit.
            oriented_as(self._opinion(*read), a, b)
            for (a, b), *read in zip(pairs, logits, whole, strict=True)
        ]

    def unload(self) -> None:
        """Release the model, and any other `OnnxJudge` of this process; the next pair loads it again."""
        _encoder.cache_clear()
        _session.cache_clear()

    def _opinion(self, logits: Logits, whole: bool) -> Opinion:
        relations = _softmax(logits[_RELATIONS] / self._temperature)
        same, a_contains_b, b_contains_a, conflict, distinct = map(float, relations)
        _, newer_a, newer_b = map(float, _softmax(logits[_NEWER]))
        return Opinion(same, a_contains_b, b_contains_a, conflict, distinct, newer_a, newer_b, whole)

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Logits:
        """Return the logits behind the opinions, before the temperature is applied: (pairs, 11)."""
        found, _ = self._read(pairs, None)
        turned = [row for row, (a, b) in enumerate(pairs) if a > b]
        found[turned] = found[turned][:, MIRRORED]
        return found

    def _read(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None
    ) -> tuple[Logits, list[bool]]:
        """Return the logits of each pair with its sides in `canonical_order`, and whether it was read to the end."""
        found = np.zeros((len(pairs), OUTPUTS), dtype=np.float32)
        whole: list[bool] = []
        with ThreadPoolExecutor(usable_cores()) as pool:
            for start in range(0, len(pairs), _WINDOW):
                # The encoder's token cache is not thread-safe: this thread encodes while the pool runs the network.
                encoded = (
                    self._encoder().encode(*canonical_order(a, b)) for a, b in pairs[start : start + _WINDOW]
                )
                run = partial(_run, self._session(), self._temperature)
                for row, (logits, is_whole) in enumerate(pool.map(run, encoded), start):
                    found[row] = logits
                    whole.append(is_whole)
                if progress is not None:
                    progress(len(whole), len(pairs))
        return found, whole

    def _encoder(self) -> PairEncoder:
        checksum = self._settings["sha256"].get("tokenizer.json")
        return _encoder(self._directory / "tokenizer.json", checksum, int(self._settings["longest"]))

    def _session(self) -> InferenceSession:
        return _session(self._directory / "model.onnx", self._settings["sha256"].get("model.onnx"))


def _run(session: InferenceSession, temperature: np.float32, pair: Directions) -> tuple[Logits, bool]:
    """Return the logits of a pair, and whether it was read to the end.

    The logits are those of the first order of its sides where that is enough, else the mean of both orders.
    """
    forward, backward = pair
    first = read_direction(session, forward)
    chances = _softmax(first[_RELATIONS] / temperature)
    if chances[_MERGING].sum() < _UNLIKELY and chances[_CONFLICT] < _UNLIKELY:
        return first, forward.whole
    both = np.asarray((first + read_direction(session, backward)[MIRRORED]) / 2, dtype=np.float32)
    return both, forward.whole


def read_direction(session: InferenceSession, direction: EncodedPair) -> Logits:
    """Return the network's logits of a pair in one order of its sides, before the temperature is applied: (11,)."""
    ids = np.array([direction.ids], dtype=np.int64)
    types = np.array([direction.types], dtype=np.int64)
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
    (logits,) = session.run(None, inputs)
    return np.asarray(logits[0], dtype=np.float32)


@lru_cache(maxsize=2)
def _encoder(file: Path, checksum: str | None, longest: int) -> PairEncoder:
    _check(file, checksum)
    try:
        return PairEncoder(file, longest=longest)
    except Exception as error:  # tokenizers raises plain Exception
        raise ModelError(f"The judge model's {file} cannot be loaded: {error}.", ADVICE) from error


@lru_cache(maxsize=2)
def _session(file: Path, checksum: str | None) -> InferenceSession:
    """Load a network, once in a process. Raises ModelError."""
    _check(file, checksum)
    options = session_options()
    try:
        session = open_session(file, options)
        takes = {node.name for node in session.get_inputs()}
        gives = [node.shape[-1] for node in session.get_outputs()]
    except Exception as error:  # onnxruntime has an exception class for each of its error codes
        raise ModelError(f"The judge model's {file} cannot be loaded: {error}.", ADVICE) from error
    if takes != _INPUTS or gives != [OUTPUTS]:
        raise ModelError(f"{file} is not a judge model for this version of Kairos.", ADVICE)
    return session


def _check(file: Path, checksum: str | None) -> None:
    """Verify the checksum of a file. Raises ModelError."""
    try:
        found = checksum_of(file)
    except OSError as error:
        raise ModelError(f"The judge model's {file} cannot be read: {error.strerror}.", ADVICE) from error
    if found != checksum:
        raise ModelError(f"{file} is not the file that was published.", ADVICE)


def _settings(directory: Path) -> dict[str, Any]:
    try:
        settings = json.loads((directory / "config.json").read_bytes())
        usable = (
            settings["relations"] == _RELATION_NAMES
            and float(settings["temperature"]) > 0
            and int(settings["longest"]) > _MIN_LONGEST
            and isinstance(settings["sha256"], dict)
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelError(f"{directory} holds no judge model that Kairos can read.", ADVICE) from error
    if not usable:
        raise ModelError(f"{directory} holds no judge model for this version of Kairos.", ADVICE)
    return dict(settings)


def _softmax(logits: Logits) -> Logits:
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)

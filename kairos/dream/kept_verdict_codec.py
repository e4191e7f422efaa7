"""Encodes and decodes verdicts on pairs, what their places allow, and merges, as MessagePack.

There are more verdicts than entries, and half of them are equal. So each entry (with the sha256 of its file) and each
judgement is written once, and a verdict is a row of numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from kairos.core.judgement.pair_context import CODE_OF, PairContext
from kairos.dream.kept_codec import Guarded, GuardKey, Merged, MergeKey, PairPosition
from kairos.dream.kept_verdicts import KeptVerdicts, Side, VerdictColumns
from kairos.ml.arrays import Numbers
from kairos.model import (
    Change,
    ChangeKind,
    Evidence,
    JudgedPair,
    Judgement,
    Place,
    RemoveFile,
    Splice,
    Witness,
)

_NUMBERS = np.dtype("<u4")


class ChangeRow(msgspec.Struct, array_like=True, gc=False):
    """A change that merges two entries, without the fields that are the same in every such change."""

    key: str
    reason: str
    edits: tuple[Splice, ...]
    takes_file: bool
    subject: Place
    evidence: tuple[Evidence, ...]
    confidence: float
    witness: Witness


class MergeRow(msgspec.Struct, array_like=True, gc=False):
    """A merge: the ids of the pair as it was judged, the number of its judgement, and the change or why none exists."""

    key: MergeKey
    a: str
    b: str
    judgement: int
    change: ChangeRow | str


class GuardRow(msgspec.Struct, array_like=True, gc=False):
    """What the places of two entries allow: the numbers of their judgement and of the lowered one.

    `names` are the answers about names: (question, word, answer).
    """

    key: GuardKey
    judgement: int
    is_common: bool
    names: tuple[tuple[bool, str, bool], ...]
    lowered: int


class Judged(msgspec.Struct, array_like=True, gc=False):
    """Verdicts, what places allow, and merges as tables.

    A side of a pair is an entry id in `ids` and, at the same place in `file_of`, the number of its file in `files`.
    `rows` has four numbers for each verdict: those of both sides, of the context and of the judgement.
    """

    files: list[str]
    ids: list[str]
    file_of: memoryview
    contexts: list[PairContext]
    judgements: list[Judgement]
    rows: memoryview
    guards: list[GuardRow]
    merges: list[MergeRow]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Judged)
_Key = TypeVar("_Key", bound=Hashable)


def packed_judged(
    verdicts: Mapping[PairPosition, Judgement],
    guards: Mapping[GuardKey, Guarded],
    merges: Mapping[MergeKey, Merged],
) -> bytes:
    """Encode verdicts, what places allow, and merges. Raises ValueError for what cannot be encoded."""
    files: dict[str, int] = {}
    sides: dict[tuple[str, int], int] = {}
    contexts: dict[PairContext, int] = {}
    judgements: dict[bytes, int] = {}
    rows: list[int] = []
    for position, judgement in verdicts.items():
        rows += (
            _number((position.a, _number(position.file_a, files)), sides),
            _number((position.b, _number(position.file_b, files)), sides),
            _number(position.context, contexts),
            _number(_ENCODER.encode(judgement), judgements),
        )
    guarded = [_guard_row(key, one, judgements) for key, one in guards.items()]
    merged = [row for key, one in merges.items() if (row := _merge_row(key, one, judgements))]
    ids, file_of = [id_ for id_, _ in sides], [file for _, file in sides]
    encoded = list(map(msgspec.Raw, judgements))
    return _ENCODER.encode(
        (list(files), ids, _packed(file_of), list(contexts), encoded, _packed(rows), guarded, merged)
    )


def judged_in(data: memoryview) -> Judged:
    """Decode what `packed_judged` encoded. Raises an error for anything else."""
    return _DECODER.decode(data)


def verdicts_in(parts: Iterable[Judged]) -> KeptVerdicts:
    """Return the verdicts of a sequence of parts; later ones win. Raises an error for damaged tables."""
    sides: dict[Side, int] = {}
    judgements: list[Judgement] = []
    columns = [np.zeros((4, 0), dtype=np.int64)]
    for part in parts:
        files = map(part.files.__getitem__, _unpacked(part.file_of).tolist())
        numbers = _numbers(_number(side, sides) for side in zip(part.ids, files, strict=True))
        codes = _numbers(map(CODE_OF.__getitem__, part.contexts))
        a, b, near, said = _unpacked(part.rows).reshape(-1, 4).T
        columns.append(
            np.stack((numbers[a], numbers[b], codes[near], said.astype(np.int64) + len(judgements)))
        )
        judgements += part.judgements
    return KeptVerdicts(sides, VerdictColumns(*np.concatenate(columns, axis=1)), judgements)


def guards_in(judged: Judged) -> Iterator[tuple[GuardKey, Guarded]]:
    """Yield what the places of pairs allow. Raises an error for damaged tables."""
    for row in judged.guards:
        names = {(question, word): answer for question, word, answer in row.names}
        before, lowered = judged.judgements[row.judgement], judged.judgements[row.lowered]
        yield row.key, Guarded(before, row.is_common, names, lowered)


def merges_in(judged: Judged) -> Iterator[tuple[MergeKey, Merged]]:
    """Yield the merges. Raises an error for damaged tables."""
    for row in judged.merges:
        pair = JudgedPair(row.a, row.b, judged.judgements[row.judgement])
        yield row.key, Merged(pair, row.change if isinstance(row.change, str) else _change(row.change))


def _guard_row(key: GuardKey, guarded: Guarded, judgements: dict[bytes, int]) -> GuardRow:
    before, lowered = (
        _number(_ENCODER.encode(one), judgements) for one in (guarded.judgement, guarded.lowered)
    )
    names = tuple((*asked, answer) for asked, answer in guarded.names.items())
    return GuardRow(key, before, guarded.is_common, names, lowered)


def _merge_row(key: MergeKey, merged: Merged, judgements: dict[bytes, int]) -> MergeRow | None:
    """Return a merge as a row; None if a row cannot represent its change."""
    pair, change = merged
    row = change if isinstance(change, str) else _change_row(change)
    if row is None:
        return None
    return MergeRow(key, pair.a, pair.b, _number(_ENCODER.encode(pair.judgement), judgements), row)


def _change_row(change: Change) -> ChangeRow | None:
    splices = tuple(edit for edit in change.edits if isinstance(edit, Splice))
    if change.witness is None:
        return None
    row = ChangeRow(
        key=change.key,
        reason=change.reason,
        edits=splices,
        takes_file=len(splices) < len(change.edits),
        subject=change.subject,
        evidence=change.evidence,
        confidence=change.confidence,
        witness=change.witness,
    )
    return row if _change(row) == change else None


def _change(row: ChangeRow) -> Change:
    gone = (RemoveFile(row.subject.file),) if row.takes_file else ()
    return Change(
        key=row.key,
        kind=ChangeKind.MERGE,
        reason=row.reason,
        edits=(*row.edits, *gone),
        subject=row.subject,
        evidence=row.evidence,
        confidence=row.confidence,
        witness=row.witness,
    )


def _number(key: _Key, numbers: dict[_Key, int]) -> int:
    """Return the number of a key; a new key gets the next free number."""
    return numbers.setdefault(key, len(numbers))


def _numbers(values: Iterable[int]) -> Numbers:
    return np.fromiter(values, dtype=np.int64)


def _packed(numbers: Sequence[int]) -> bytes:
    return np.array(numbers, dtype=_NUMBERS).tobytes()


def _unpacked(data: memoryview) -> NDArray[np.uint32]:
    return np.frombuffer(data, dtype=_NUMBERS)

"""Facts and verdicts as bytes and back: reading makes values of the model whatever stands in a file, and runs nothing.

The bytes are MessagePack, read and checked against the types of the model in C: a field that is added to the model
comes along, and what does not fit its type is no value. Made for tens of thousands of values; `kairos.store.codec` is
made for few, and for Python alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from kairos.core.bearing import Bearing
from kairos.core.facts import Asked, Datings, FileFacts
from kairos.core.links import Link
from kairos.core.pair_context import PairContext
from kairos.core.wording import Wording
from kairos.model import (
    Change,
    ChangeKind,
    Claim,
    Evidence,
    Finding,
    FrontMatter,
    JudgedPair,
    Judgement,
    Note,
    Place,
    RemoveFile,
    Source,
    Splice,
    Witness,
)

_DEEPEST = 16
"""Levels of front matter that are kept; who nests deeper is parsed anew."""
_LARGEST = 2**63


class Where(NamedTuple):
    """Two entries where they stand: their ids, the sha256 of their files, and how near they are."""

    a: str
    b: str
    file_a: str
    file_b: str
    context: PairContext


class Between(NamedTuple):
    """Two entries of which one would go into the other: their ids, and the sha256 of their files."""

    kept: str
    dropped: str
    file_kept: str
    file_dropped: str


class Merged(NamedTuple):
    """The change that merges two entries, which edits nothing but their files, or why none can; the pair as judged."""

    pair: JudgedPair
    change: Change | str


class Read(NamedTuple):
    """The facts of a file as they were read, what had been asked of it then, and the bytes that they were read from."""

    facts: FileFacts
    asked: Asked
    row: msgspec.Raw

    def holds(self, facts: FileFacts) -> bool:
        """Whether the bytes still tell all that is known."""
        return facts is self.facts and facts.asked == self.asked


class Row(msgspec.Struct, array_like=True, gc=False):
    """The facts of one file. `fields` are those of its front matter, days and all."""

    source: Source
    note: Note
    fields: dict[str, Any]
    links: tuple[Link, ...]
    claims: tuple[Claim, ...]
    datings: Datings
    bearing: Bearing
    stale: tuple[date | None, tuple[Finding, ...]] | None
    names_days: bool | None
    wording: Wording | None


class ChangeRow(msgspec.Struct, array_like=True, gc=False):
    """A change that merges two entries; what is not named here, all of them have in common."""

    key: str
    reason: str
    edits: tuple[Splice, ...]
    takes_file: bool
    subject: Place
    evidence: tuple[Evidence, ...]
    confidence: float
    witness: Witness


class MergeRow(msgspec.Struct, array_like=True, gc=False):
    """What came of a pair that was to be merged."""

    between: Between
    pair: JudgedPair
    change: ChangeRow | str


class Written(msgspec.Struct, array_like=True, gc=False):
    """All that is kept of a root, each file for itself; `judge` is what verdicts and merges depend on beside them."""

    judge: str
    facts: list[msgspec.Raw]
    verdicts: list[tuple[Where, Judgement]]
    merges: list[MergeRow]


class Unpacked(NamedTuple):
    """What was written of a root."""

    facts: list[Read]
    judge: str
    verdicts: dict[Where, Judgement]
    merges: dict[Between, Merged]


_ENCODER = msgspec.msgpack.Encoder()
_FOUR, _MANY = b"\x94", b"\xdd"
"""How MessagePack begins a list of four, and one whose length follows in four bytes."""
_DECODER = msgspec.msgpack.Decoder(Written)
_ROW_DECODER = msgspec.msgpack.Decoder(Row)


def packed(
    facts: Collection[msgspec.Raw],
    judge: str,
    verdicts: Mapping[Where, Judgement],
    merges: Mapping[Between, Merged],
) -> tuple[memoryview, ...]:
    """Return the bytes of what is kept of a root, a `Written`, in parts; `facts` are of one file each, as `written`
    gives them, and are not copied: of a large root they take hundreds of megabytes.

    Raises ValueError for what cannot be written.
    """
    head = _FOUR + _ENCODER.encode(judge) + _MANY + len(facts).to_bytes(4, "big")
    rows = [row for between, merged in merges.items() if (row := _merge_row(between, merged))]
    tail = (_ENCODER.encode(list(verdicts.items())), _ENCODER.encode(rows))
    return tuple(map(memoryview, (head, *facts, *tail)))


def unpacked(data: bytes | memoryview) -> Unpacked:
    """Return what `packed` wrote. Raises an error for anything else."""
    found = _DECODER.decode(data)
    merges = {row.between: _merged(row) for row in found.merges}
    return Unpacked([_read(row) for row in found.facts], found.judge, dict(found.verdicts), merges)


def written(facts: FileFacts) -> msgspec.Raw | None:
    """Return the facts of a file as bytes; None for what cannot be written."""
    try:
        return msgspec.Raw(_ENCODER.encode(_row(facts)))
    except (ValueError, OverflowError):
        return None


def _merge_row(between: Between, merged: Merged) -> MergeRow | None:
    """Return a merge as a row; None for one that is no ordinary one."""
    change = merged.change
    row = change if isinstance(change, str) else _change_row(change)
    return None if row is None else MergeRow(between, merged.pair, row)


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


def _merged(row: MergeRow) -> Merged:
    return Merged(row.pair, row.change if isinstance(row.change, str) else _change(row.change))


def _row(facts: FileFacts) -> Row:
    front = facts.note.front
    return Row(
        replace(facts.source, data=b""),
        replace(facts.note, front=replace(front, fields={})) if front else facts.note,
        _write_plain(dict(front.fields))[""] if front else {},
        facts.links,
        facts.claims,
        facts.datings,
        facts.bearing,
        *facts.asked,
    )


def _read(row: msgspec.Raw) -> Read:
    facts = _facts(_ROW_DECODER.decode(row))
    return Read(facts, facts.asked, row)


def _facts(row: Row) -> FileFacts:
    front = row.note.front
    if front is not None:
        fields = {key: _read_plain(value) for key, value in row.fields.items()}
        row.note = replace(row.note, front=FrontMatter(front.span, fields, front.valid))
    asked = Asked(row.stale, row.names_days, row.wording)
    facts = row.source, row.note, row.links, row.claims, row.datings
    return FileFacts.known(*facts, bearing=row.bearing, asked=asked)


def _write_plain(value: Any, deep: int = 0) -> Any:  # noqa: ANN401 - what YAML gives
    """Return a value of front matter; ValueError for what YAML has and MessagePack does not."""
    if type(value) in {str, bool, float, type(None)} or (type(value) is int and abs(value) < _LARGEST):
        return value
    if deep < _DEEPEST:
        if type(value) is list:
            return [_write_plain(one, deep + 1) for one in value]
        if type(value) is dict and all(type(key) is str for key in value):
            return {"": {key: _write_plain(one, deep + 1) for key, one in value.items()}}
        if type(value) in {date, datetime}:
            return {type(value).__name__: value.isoformat()}
    raise ValueError(f"{type(value)} is not kept")


def _read_plain(value: Any) -> Any:  # noqa: ANN401 - as above
    if type(value) is list:
        return [_read_plain(one) for one in value]
    if type(value) is not dict:
        return value
    ((kind, content),) = value.items()
    if kind:
        return _DAYS[kind].fromisoformat(content)
    return {key: _read_plain(one) for key, one in content.items()}


_DAYS = {"date": date, "datetime": datetime}

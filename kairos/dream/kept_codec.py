"""Encodes the facts of files as MessagePack, and decodes them safely whatever the bytes are: nothing in them is run.

msgspec decodes and checks the bytes against the types of the model, in C: new fields of the model need no code here,
and a value that does not match its type is an error. This is made for tens of thousands of values; `kairos.store.codec`
is pure Python, for few.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from kairos.core.judgement.pair_context import PairContext
from kairos.core.markdown.links import Link
from kairos.core.root.facts import Asked, Datings, FileFacts, Stale
from kairos.core.root.line_forms import LineForms
from kairos.core.root.names import Answers
from kairos.core.root.purpose import Purpose
from kairos.core.text.wording import Wording
from kairos.model import (
    Change,
    Claim,
    JudgedPair,
    Judgement,
    Note,
    Source,
)

FileVersion = tuple[str, str]
"""The path of a file in its root, and its sha256."""

_MAX_DEPTH = 16
"""Levels of nested front matter that are kept: a note with more is parsed again in each dream."""
_INT_LIMIT = 2**63


class PairPosition(NamedTuple):
    """A pair of entries in its position: their ids, the sha256 of their files, and the pair's context."""

    a: str
    b: str
    file_a: str
    file_b: str
    context: PairContext


class MergeKey(NamedTuple):
    """Two entries to be merged, the kept and the dropped one: their ids, and the sha256 of their files."""

    kept: str
    dropped: str
    file_kept: str
    file_dropped: str


class GuardKey(NamedTuple):
    """Two entries that were judged: their ids, and the sha256 of their files."""

    a: str
    b: str
    file_a: str
    file_b: str


class Guarded(NamedTuple):
    """A judgement lowered to what the places of the two entries allow, and what that was derived from besides them.

    `is_common`: one of the texts is boilerplate. `names` are the answers about names that were needed.
    """

    judgement: Judgement
    is_common: bool
    names: Answers
    lowered: Judgement


class Merged(NamedTuple):
    """A judged pair, and the change that merges it (editing only its two files) or the reason why there is none."""

    pair: JudgedPair
    change: Change | str


class Row(msgspec.Struct, array_like=True, gc=False):
    """The facts of one file."""

    source: Source
    note: Note
    links: tuple[Link, ...]
    claims: tuple[Claim, ...]
    datings: Datings
    purpose: Purpose
    stale: Stale | None
    wording: Wording | None
    line_forms: LineForms | None


class StoredPart(msgspec.Struct, array_like=True, gc=False):
    """One part of a kept file: everything, or what a later dream added. `facts` and `judged` are decoded separately.

    `judge` is the fingerprint of what verdicts and merges depend on besides the notes. `names` are the files whose
    facts follow. What earlier parts hold of the files in `gone` no longer counts.
    """

    judge: str
    gone: list[FileVersion]
    names: list[FileVersion]
    facts: memoryview
    judged: memoryview


_ENCODER = msgspec.msgpack.Encoder()
_LIST_OF_FIVE, _LIST, _BYTES = b"\x95", b"\xdd", b"\xc6"
"""MessagePack markers: a list of five; a list, and bytes, whose length follows in four bytes."""
_DECODER = msgspec.msgpack.Decoder(StoredPart)
_ROWS_DECODER = msgspec.msgpack.Decoder(list[msgspec.Raw])
_DATE_TYPES: tuple[type[date], ...] = (date, datetime)
"""Types that YAML has and MessagePack lacks: the position here is the code of the extension type."""


def _decoded_date(number: int, text: memoryview) -> date:
    return _DATE_TYPES[number].fromisoformat(str(text, "ascii"))


_ROW_DECODER = msgspec.msgpack.Decoder(Row, ext_hook=_decoded_date)


def packed(
    judge: str,
    gone: Collection[FileVersion],
    facts: Mapping[FileVersion, msgspec.Raw],
    judged: bytes,
) -> tuple[memoryview, ...]:
    """Return the bytes of a `StoredPart`, in chunks.

    `facts` are the files' facts as `encoded_facts` encodes them; they are not copied, since those of a large root take
    hundreds of megabytes. `judged` are the encoded verdicts and merges. Raises ValueError for what cannot be encoded.
    """
    rows = [memoryview(row) for row in facts.values()]
    begun = _LIST + _length(len(rows))
    head = _LIST_OF_FIVE + b"".join(map(_ENCODER.encode, (judge, list(gone), list(facts))))
    head += _BYTES + _length(len(begun) + sum(map(len, rows))) + begun
    return (memoryview(head), *rows, memoryview(_ENCODER.encode(judged)))


def _length(count: int) -> bytes:
    try:
        return count.to_bytes(4, "big")
    except OverflowError as error:
        raise ValueError("it is too large to be kept") from error


def unpacked(data: bytes | memoryview) -> StoredPart:
    """Decode what `packed` encoded, but not its facts and verdicts. Raises an error for anything else."""
    return _DECODER.decode(data)


def names_in(parts: Iterable[StoredPart]) -> frozenset[FileVersion]:
    """Return the names of the files that a sequence of parts has facts of."""
    names: set[FileVersion] = set()
    for one in parts:
        names.difference_update(one.gone)
        names.update(one.names)
    return frozenset(names)


def facts_in(parts: Iterable[StoredPart]) -> dict[FileVersion, FileFacts]:
    """Decode the facts in a sequence of parts; later parts win. Raises an error for damaged bytes."""
    rows: dict[FileVersion, msgspec.Raw] = {}
    for one in parts:
        for name in one.gone:
            rows.pop(name, None)
        rows.update(zip(one.names, _ROWS_DECODER.decode(one.facts), strict=True))
    found = (_facts(_ROW_DECODER.decode(row)) for row in rows.values())
    return {(one.source.path, one.source.sha256): one for one in found}


def encoded_facts(facts: FileFacts) -> msgspec.Raw | None:
    """Encode the facts of a file; None if they cannot be encoded."""
    try:
        return msgspec.Raw(_ENCODER.encode(_row(facts)))
    except (ValueError, OverflowError):
        return None


def _row(facts: FileFacts) -> Row:
    note, front = facts.note, facts.note.front
    if front is not None:
        note = note._replace(front=front._replace(fields=_encodable(dict(front.fields))))
    return Row(
        replace(facts.source, data=b""),
        note,
        facts.links,
        facts.claims,
        facts.datings,
        facts.purpose,
        *facts.asked,
    )


def _facts(row: Row) -> FileFacts:
    asked = Asked(row.stale, row.wording, row.line_forms)
    facts = row.source, row.note, row.links, row.claims, row.datings
    return FileFacts.known(*facts, purpose=row.purpose, asked=asked)


def _encodable(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - what YAML gives
    """Return a value of front matter in a form that MessagePack can encode. Raises ValueError if there is none."""
    if type(value) in {str, bool, float, type(None)} or (type(value) is int and abs(value) < _INT_LIMIT):
        return value
    if depth < _MAX_DEPTH:
        if type(value) is list:
            return [_encodable(one, depth + 1) for one in value]
        if type(value) is dict and all(type(key) is str for key in value):
            return {key: _encodable(one, depth + 1) for key, one in value.items()}
        if type(value) in _DATE_TYPES:
            return msgspec.msgpack.Ext(_DATE_TYPES.index(type(value)), value.isoformat().encode())
    raise ValueError(f"{type(value)} is not kept")

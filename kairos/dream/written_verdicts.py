"""Verdicts on pairs as bytes and back: tens of thousands, of a few thousand entries, and half of them say the same.

So each entry, with the sha256 of its file, is written once, and so is each judgement; a verdict is a row of numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from kairos.core.pair_context import PairContext, shared
from kairos.dream.written import Where
from kairos.model import Judgement

_NUMBERS = np.dtype("<u4")


class _Verdicts(msgspec.Struct, array_like=True, gc=False):
    """The sides that pairs have (the ids of entries, and the numbers of their files), how near pairs are, and what is
    said of them; `rows` has the numbers of both sides, of the nearness and of the judgement of each."""

    files: list[str]
    ids: list[str]
    file_of: memoryview
    contexts: list[PairContext]
    judgements: list[Judgement]
    rows: memoryview


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Verdicts)
_Key = TypeVar("_Key", bound=Hashable)


def packed_verdicts(verdicts: Mapping[Where, Judgement]) -> bytes:
    """Return verdicts as bytes."""
    files: dict[str, int] = {}
    sides: dict[tuple[str, int], int] = {}
    contexts: dict[PairContext, int] = {}
    judgements: dict[bytes, int] = {}
    rows: list[int] = []
    for where, judgement in verdicts.items():
        rows += (
            _number((where.a, _number(where.file_a, files)), sides),
            _number((where.b, _number(where.file_b, files)), sides),
            _number(where.context, contexts),
            _number(_ENCODER.encode(judgement), judgements),
        )
    ids, file_of = [id_ for id_, _ in sides], [file for _, file in sides]
    written = list(map(msgspec.Raw, judgements))
    return _ENCODER.encode((list(files), ids, _packed(file_of), list(contexts), written, _packed(rows)))


def verdicts_in(data: memoryview) -> Iterator[tuple[Where, Judgement]]:
    """Return the verdicts of which these are the bytes. Raises an error where they are not what was written."""
    found = _DECODER.decode(data)
    id_of = found.ids.__getitem__
    file_of = list(map(found.files.__getitem__, _unpacked(found.file_of).tolist())).__getitem__
    a, b, near, said = _unpacked(found.rows).reshape(-1, 4).T.tolist()
    contexts = map(list(map(shared, found.contexts)).__getitem__, near)
    wheres = map(Where, map(id_of, a), map(id_of, b), map(file_of, a), map(file_of, b), contexts)
    return zip(wheres, map(found.judgements.__getitem__, said), strict=True)


def _number(key: _Key, numbers: dict[_Key, int]) -> int:
    """Return the number of a key, which gets the next one where it has none."""
    return numbers.setdefault(key, len(numbers))


def _packed(numbers: Sequence[int]) -> bytes:
    return np.array(numbers, dtype=_NUMBERS).tobytes()


def _unpacked(data: memoryview) -> NDArray[np.uint32]:
    return np.frombuffer(data, dtype=_NUMBERS)

"""What a dream considered, as it is stored: compressed JSON, since it is very repetitive."""

from __future__ import annotations

import zlib

from kairos.model import Considered, Decision
from kairos.store.codec import from_json, large_to_json
from kairos.store.database import decoding_errors

_LEVEL = 1
"""The level of zlib: it leaves a sixth of the bytes, and higher ones save few of those."""


def packed(found: Considered) -> bytes:
    """Pack what was considered, for `unpacked`."""
    return zlib.compress(large_to_json(found), _LEVEL)


def unpacked(data: bytes) -> tuple[Decision, ...]:
    """The decisions that were packed; raises StateError."""
    with decoding_errors():
        try:
            text = zlib.decompress(data).decode()
            return tuple(from_json(Considered, text).decisions())
        except (zlib.error, IndexError) as error:
            raise ValueError("it is damaged") from error

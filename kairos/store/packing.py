"""What a dream considered, as it is kept: JSON, and squeezed, since it says much the same again and again."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from kairos.model import Considered, Decision
from kairos.store.codec import from_json, much_to_json
from kairos.store.database import understood

_FAST = 1
"""How hard zlib tries: a sixth of the bytes is left, and more effort saves few of those."""


def packed(found: Considered) -> bytes:
    """Return what was considered, for `unpacked`."""
    return zlib.compress(much_to_json(found), _FAST)


def packing(find: Callable[[], Considered]) -> Callable[[], bytes]:
    """Have found out and packed what was considered while something else is done; return what waits for it, and gives
    it packed.

    What is done meanwhile is done then, and must not be forgotten because nobody can explain it: whatever fails, there
    is nothing to tell.
    """
    beside = ThreadPoolExecutor(1)
    work = partial(_found, find)
    try:
        return beside.submit(work).result
    except RuntimeError:  # no thread is to be had
        return work
    finally:
        beside.shutdown(wait=False)


def _found(find: Callable[[], Considered]) -> bytes:
    try:
        return packed(find())
    except Exception:  # noqa: BLE001 - as above
        return packed(Considered())


def unpacked(data: bytes) -> tuple[Decision, ...]:
    """Return the decisions that were packed; raises StateError."""
    with understood():
        try:
            text = zlib.decompress(data).decode()
            return tuple(from_json(Considered, text).decisions())
        except (zlib.error, IndexError) as error:
            raise ValueError("it is damaged") from error

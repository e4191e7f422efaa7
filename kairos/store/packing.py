"""Values by the thousand, as they are kept: JSON, and squeezed, since they say much the same."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from kairos.store.codec import from_json, many_to_json
from kairos.store.database import understood

T = TypeVar("T")

_FAST = 1
"""How hard zlib tries: a fifth of the bytes are left, and more effort saves few of those."""


def packed(values: Sequence[object]) -> bytes:
    """Return values, such as `many_to_json` takes, in a form for `unpacked`."""
    return zlib.compress(many_to_json(values), _FAST)


def packing(find: Callable[[], Sequence[object]]) -> Callable[[], bytes]:
    """Have values found and packed beside what is done meanwhile; return what waits for it, and gives them packed."""
    beside = ThreadPoolExecutor(1)
    try:
        return beside.submit(_found, find).result
    except RuntimeError:  # no thread is to be had
        return partial(_found, find)
    finally:
        beside.shutdown(wait=False)


def _found(find: Callable[[], Sequence[object]]) -> bytes:
    return packed(find())


def unpacked(kind: type[T], data: bytes) -> T:
    """Return the value of type `kind` that was packed; raises StateError."""
    with understood():
        try:
            text = zlib.decompress(data).decode()
        except zlib.error as error:
            raise ValueError("it is damaged") from error
    return from_json(kind, text)

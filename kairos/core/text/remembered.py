"""Caches of what is derived from texts, for dreams that compare each of thousands of texts with several others."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_FORGETTING: list[Callable[[], None]] = []


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Cache up to `most` results of the decorated function, the most recently used ones, until `forget` is called."""

    def remembering(find: Callable[P, T]) -> Callable[P, T]:
        known = lru_cache(maxsize=most)(find)
        _FORGETTING.append(known.cache_clear)
        return cast("Callable[P, T]", known)

    return remembering


def forget() -> None:
    """Clear all these caches. For a large root they hold some hundred megabytes."""
    for clear in _FORGETTING:
        clear()

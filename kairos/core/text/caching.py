"""Caches of what is derived from texts, for dreams that compare each of thousands of texts with several others."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_CACHE_CLEARERS: list[Callable[[], None]] = []


def cached(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Cache the `maxsize` most recently used results of the decorated function until `clear_caches` is called."""

    def decorator(function: Callable[P, T]) -> Callable[P, T]:
        with_cache = lru_cache(maxsize=maxsize)(function)
        _CACHE_CLEARERS.append(with_cache.cache_clear)
        return cast("Callable[P, T]", with_cache)

    return decorator


def clear_caches() -> None:
    """Clear all these caches. For a large root they hold some hundred megabytes."""
    for clear in _CACHE_CLEARERS:
        clear()

"""What is remembered of texts while thousands of them are compared, each with several others."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_FORGETTING: list[Callable[[], None]] = []


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Have a function remember `most` answers, those that it was asked for last, until all is forgotten."""

    def remembering(find: Callable[P, T]) -> Callable[P, T]:
        known = lru_cache(maxsize=most)(find)
        _FORGETTING.append(known.cache_clear)
        return cast("Callable[P, T]", known)

    return remembering


def forget() -> None:
    """Forget all that functions remember: of a large root that is some hundred megabytes."""
    for clear in _FORGETTING:
        clear()

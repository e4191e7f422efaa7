"""Patterns that are compiled when they are first used.

To compile them all takes longer than many a dream takes for the few texts that are new to it, which need few of them.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` returns, as far as its methods go."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))


class _Lazy:
    """Stands for a pattern: each method is at hand from when it was first asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._text = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._text, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        found = vars(self)[name] = getattr(self._compiled, name)
        return found

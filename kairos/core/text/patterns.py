"""Regular expressions that are compiled on first use.

Compiling all of them takes longer than many dreams need for their few new texts, which use few of the patterns.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern with all the attributes of what `re.compile` returns, compiled on first use."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))


class _Lazy:
    """A stand-in for a pattern: compiles it on first access, and keeps each attribute that was asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._text = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._text, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        found = vars(self)[name] = getattr(self._compiled, name)
        return found

"""Models that judge pairs of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kairos.model import Opinion


class JudgeModel(Protocol):
    """A model that has an opinion on a pair of texts."""

    def opinions(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> list[Opinion]:
        """Return what the model thinks of each pair; exchanged texts give the mirrored opinion."""
        ...

"""A root with a duplicate, a conflict and an expired note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from tests.unit.dream.notes import FILES

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]


@pytest.fixture
def full(bed: MakeBed) -> Bed:
    return bed(FILES)

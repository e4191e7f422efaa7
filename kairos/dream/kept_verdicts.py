"""The verdicts of earlier dreams as columns of numbers: a large root has tens of thousands of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import NamedTuple

import numpy as np

from kairos.core.judgement.pair_context import CODE_OF, CONTEXTS
from kairos.dream.kept_codec import PairPosition
from kairos.ml.arrays import Numbers
from kairos.model import Judgement

Side = tuple[str, str]
"""An entry in a version of its file: its id, and the sha256 of the file."""
_SIDE_BITS, _CODE_BITS = 28, 6
"""Widths of the fields of a packed position: (side, side, code of the context)."""


class VerdictColumns(NamedTuple):
    """Verdicts as parallel arrays: the numbers of both sides, the code of the context, the number of the judgement."""

    a: Numbers
    b: Numbers
    codes: Numbers
    judgements: Numbers


class KeptVerdicts(Mapping[PairPosition, Judgement]):
    """Verdicts by position. Few are ever looked up one by one: all others are found by the numbers of their `sides`.

    If several rows of `columns` are about one position, the last one counts.
    """

    def __init__(
        self,
        sides: Mapping[Side, int] | None = None,
        columns: VerdictColumns | None = None,
        judgements: Sequence[Judgement] = (),
    ) -> None:
        """Take verdicts over; `sides` are in the order of their numbers. Raises ValueError for numbers of nothing."""
        self.sides = sides or {}
        self.columns = columns or VerdictColumns(*np.zeros((4, 0), dtype=np.int64))
        self.judgements = judgements
        limits = (len(self.sides), len(self.sides), len(CONTEXTS), len(judgements))
        if any(part.max(initial=-1) >= most for part, most in zip(self.columns, limits, strict=True)):
            raise ValueError("a verdict refers to something that is not there")
        if len(self.sides) >> _SIDE_BITS:
            raise ValueError("too many entries")

    def __getitem__(self, position: PairPosition) -> Judgement:
        """Return the verdict on the pair in a position."""
        a, b = self.sides[position.a, position.file_a], self.sides[position.b, position.file_b]
        packed = ((a << _SIDE_BITS | b) << _CODE_BITS) | CODE_OF[position.context]
        return self.judgements[self._judgement_at[packed]]

    def __iter__(self) -> Iterator[PairPosition]:
        """Iterate over the positions."""
        sides = list(self.sides)
        for packed in self._judgement_at:
            (a, file_a), (b, file_b) = (
                sides[(packed >> shift) & ((1 << _SIDE_BITS) - 1)]
                for shift in (_SIDE_BITS + _CODE_BITS, _CODE_BITS)
            )
            yield PairPosition(a, b, file_a, file_b, CONTEXTS[packed & ((1 << _CODE_BITS) - 1)])

    def __len__(self) -> int:
        """Return the number of positions."""
        return len(self._judgement_at)

    def numbered(self, number_of: Callable[[Side, int], int]) -> tuple[Numbers, Numbers]:
        """Return the numbers that `number_of` (a side, −1) gives to both sides of each row."""
        numbers = np.fromiter(map(number_of, self.sides, repeat(-1)), dtype=np.int64, count=len(self.sides))
        return numbers[self.columns.a], numbers[self.columns.b]

    @cached_property
    def _judgement_at(self) -> dict[int, int]:
        a, b, codes, judgements = self.columns
        packed = ((a << _SIDE_BITS | b) << _CODE_BITS) | codes
        return dict(zip(packed.tolist(), judgements.tolist(), strict=True))

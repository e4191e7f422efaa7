"""Verdicts of earlier dreams as columns of numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kairos.core.judgement.pair_context import CODE_OF, CONTEXTS
from kairos.dream.kept_codec import PairPosition
from kairos.dream.kept_verdict_codec import judged_in, packed_judged, verdicts_in
from kairos.dream.kept_verdicts import KeptVerdicts, VerdictColumns
from kairos.model import Judgement
from tests.unit.dream.keeping import VERDICT, WHERE


def read_back(*parts: dict[PairPosition, Judgement]) -> KeptVerdicts:
    return verdicts_in(judged_in(memoryview(packed_judged(part, {}, {}))) for part in parts)


def test_verdicts_are_found_by_position_in_every_context() -> None:
    verdicts = {
        WHERE._replace(context=context): replace(VERDICT, confidence=code / 100)
        for context, code in CODE_OF.items()
    }
    found = read_back(verdicts)
    assert dict(found) == verdicts
    assert len(found) == len(CONTEXTS)
    assert WHERE._replace(file_a="other") not in found
    assert read_back({WHERE: VERDICT}).get(WHERE._replace(context=CONTEXTS[-1])) is None


def test_later_parts_win_and_share_the_numbers_of_entries() -> None:
    later, other = replace(VERDICT, confidence=0.1), WHERE._replace(b="c.md:0", file_b="z")
    found = read_back({WHERE: VERDICT}, {other: VERDICT, WHERE: later})
    assert (found[WHERE], found[other], len(found)) == (later, VERDICT, 2)
    assert list(found.sides) == [("a.md:1", "x"), ("b.md:0", "y"), ("c.md:0", "z")]


def test_no_parts_hold_no_verdicts() -> None:
    assert dict(read_back()) == dict(read_back({})) == {}


@pytest.mark.parametrize("column", range(4))
def test_numbers_of_nothing_are_rejected(column: int) -> None:
    rows = np.zeros((4, 1), dtype=np.int64)
    KeptVerdicts({("a", "x"): 0}, VerdictColumns(*rows), [VERDICT])
    rows[column] = 64
    with pytest.raises(ValueError, match="not there"):
        KeptVerdicts({("a", "x"): 0}, VerdictColumns(*rows), [VERDICT])

import math

import numpy as np
import pytest

from bench.quality.baselines import (
    ASKED,
    FLAGGED,
    LEFT,
    MERGED,
    CosineBands,
    Pool,
    flagged_above,
    merged_above,
    mined,
    pool,
    semhash,
    texts_of,
)
from bench.quality.gold import GoldPair, Label
from kairos.core.judgement.judge import Thresholds

TEXTS = ("north", "a little east", "north-east", "west")
DEGREES = (0, 18, 45, 270)


def pair(a: str, b: str) -> GoldPair:
    return GoldPair(f"{a}/{b}", a, b, Label.DUPLICATE)


@pytest.fixture
def compass() -> Pool:
    pairs = [pair("north", "a little east"), pair("north", "north-east"), pair("west", "north")]
    assert texts_of(pairs) == TEXTS
    rows = [(math.cos(math.radians(d)), math.sin(math.radians(d))) for d in DEGREES]
    return pool(pairs, np.array(rows, dtype=np.float32))


def test_the_pool_holds_each_text_once(compass: Pool) -> None:
    assert compass.pairs == ((0, 1), (0, 2), (3, 0))
    assert compass.cosines == pytest.approx([0.951, 0.707, 0.0], abs=0.001)


def test_cosine_alone_acts_on_every_similar_pair(compass: Pool) -> None:
    assert merged_above(compass, 0.9) == [MERGED, LEFT, LEFT]
    assert flagged_above(compass, 0.7) == [FLAGGED, FLAGGED, LEFT]


def test_cosine_bands_merge_ask_and_flag(compass: Pool) -> None:
    bands = CosineBands(compass)
    assert bands.at(Thresholds(merge=0.95, ask=0.7, flag=-0.5)) == [MERGED, ASKED, FLAGGED]
    assert bands.at(Thresholds(merge=0.99, ask=0.96, flag=0.95)) == [FLAGGED, LEFT, LEFT]


def test_semhash_merges_texts_with_one_representative(compass: Pool) -> None:
    pytest.importorskip("semhash", reason="the extra `bench` is not installed")
    found = semhash(compass, (0.6, 0.9))
    assert found[0.9] == [MERGED, LEFT, LEFT]
    assert found[0.6][0] == MERGED
    assert found[0.6][2] == LEFT


def test_paraphrase_mining_merges_what_it_finds(compass: Pool) -> None:
    assert mined(compass, (0.7, 0.9)) == {0.7: [MERGED, MERGED, LEFT], 0.9: [MERGED, LEFT, LEFT]}


def test_a_text_paired_with_itself_is_merged_by_all() -> None:
    twins = pool([pair("north", "north"), pair("north", "west")], np.eye(2, dtype=np.float32))
    assert merged_above(twins, 0.95) == [MERGED, LEFT]
    assert mined(twins, (0.9,))[0.9] == [MERGED, LEFT]

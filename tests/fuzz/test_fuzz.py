"""The short form of `make prove-fuzz`: the corpus itself, a few seconds of mutations, and Hypothesis."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.driver import CORPUS, PIECES, fuzz
from tests.fuzz.targets import TARGETS

SNIPPETS = st.lists(
    st.sampled_from(PIECES) | st.binary(max_size=12) | st.text(max_size=12).map(str.encode), max_size=40
)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("seed", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_no_target_fails_on_the_corpus(name: str, seed: Path) -> None:
    TARGETS[name](seed.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=SNIPPETS)
def test_no_target_fails_on_generated_input(name: str, pieces: list[bytes]) -> None:
    TARGETS[name](b"".join(pieces))


def test_no_target_fails_on_mutations_of_the_corpus() -> None:
    tallies = fuzz(seconds=4, seed=4)
    assert not [failure for tally in tallies for failure in tally.failures]
    assert [tally.name for tally in tallies] == list(TARGETS)
    assert all(tally.count > len(list(CORPUS.iterdir())) for tally in tallies)


def test_fuzzing_stops_after_the_given_number_of_executions() -> None:
    tallies = fuzz(seconds=60, seed=4, count=50, names=("state", "report"))
    assert sum(tally.count for tally in tallies) == 50

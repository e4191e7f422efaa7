"""The rank of the first answer among all entries or notes equals what an exhaustive search would count."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import pytest

from kairos.core.change.probes import Probe
from kairos.core.root.figures import RECALL_AT
from kairos.core.root.reading import Reading, path_of
from kairos.dream.answers import ClaimIndex, ranks
from kairos.dream.compared import compared_claims
from kairos.dream.vectors import Vectors
from tests.light import WordEncoder

Read = Callable[[Mapping[str, str]], Reading]
WORDS = "kiln glaze clay wheel slip cone ash raku bisque".split()


def brute_force_rank(vectors: Vectors, probe: Probe, answers: frozenset[str], reading: Reading) -> int:
    """Count by brute force how many entries or notes rank above the first answer."""
    best: dict[str, float] = {}
    for claim in compared_claims(reading):
        name = path_of(claim.entry_id) if probe.by_note else claim.entry_id
        best[name] = max(best.get(name, -1.0), vectors.similarity(probe.text, claim.embedded))
    own = [best[name] for name in answers if name in best]
    return min(sum(score > max(own) for score in best.values()), RECALL_AT) if own else RECALL_AT


def notes(chance: random.Random, count: int) -> dict[str, str]:
    return {
        f"n{number}.md": "".join(
            f"- {' '.join(chance.choices(WORDS, k=chance.randint(1, 4)))}\n"
            for _ in range(chance.randint(1, 4))
        )
        for number in range(count)
    }


@pytest.mark.parametrize("depth", [1, 3, 32])
@pytest.mark.parametrize("seed", range(4))
def test_ranks_equal_those_of_an_exhaustive_search(
    read: Read, monkeypatch: pytest.MonkeyPatch, seed: int, depth: int
) -> None:
    monkeypatch.setattr("kairos.dream.answers._DEPTH", depth)
    monkeypatch.setattr("kairos.dream.answers._QUESTION_BATCH", 7)
    chance, vectors = random.Random(seed), Vectors(WordEncoder())  # noqa: S311
    now = read(notes(chance, 12))
    later = read({path: text for path, text in notes(chance, 14).items() if chance.random() < 0.8})
    probes = []
    for number in range(30):
        sides = [
            sorted(reading.notes) if by_note else sorted(reading.entries)
            for by_note in (number % 2 == 0,)
            for reading in (now, later)
        ]
        before, after = (
            frozenset(chance.sample([*names, "nowhere"], chance.randint(0, 2))) for names in sides
        )
        probes.append(Probe("key", " ".join(chance.choices(WORDS, k=3)), before, after, number % 2 == 0))
    expected = [
        (
            brute_force_rank(vectors, probe, probe.before, now),
            brute_force_rank(vectors, probe, probe.after, later),
        )
        for probe in probes
    ]
    assert list(ranks(vectors, probes, ClaimIndex(now), ClaimIndex(later))) == expected
    assert {RECALL_AT} < {rank for pair in expected for rank in pair}


def test_nothing_answers_in_an_empty_root(read: Read) -> None:
    claim_index = ClaimIndex(read({}))
    probe = Probe("key", "kiln", frozenset({"a.md:0"}), frozenset())
    assert list(ranks(Vectors(WordEncoder()), [probe], claim_index, claim_index)) == [(RECALL_AT, RECALL_AT)]
    assert list(ranks(Vectors(WordEncoder()), [], claim_index, claim_index)) == []

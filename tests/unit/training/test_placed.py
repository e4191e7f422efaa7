"""Pairs of labelled directories: a wrong label would teach the judge model something false."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from bench.labelled import Labelled
from training.families import CONFLICT, DISTINCT, MERGING, Example, mirrored

pytestmark = pytest.mark.model

RATES = """# Rates

## Ostler Rail
- 940 a day, travel included.
- Invoices go out on the first.

## Brand & Daughter
- 780 a day, travel included.
"""
CLIENTS = """# Clients

- Ostler Rail pays £940 per day with travel.
- Ostler Rail gets its invoice on the last day of the month.
- At Ostler Rail nine hundred and forty a day is agreed, trips included. The contact is Mrs Adeyemi, who likes short \
mails, no attachments, and an answer within a day.
- Lunch at Brand & Daughter is at one.
"""
OSTLER = {"file": "rates.md", "text": "940 a day, travel included."}
BRAND = {"file": "rates.md", "text": "780 a day, travel included."}
FULL = {"file": "clients.md", "text": "Ostler Rail pays £940 per day with travel."}
FIRST = {"file": "rates.md", "text": "Invoices go out on the first."}
LAST = {"file": "clients.md", "text": "Ostler Rail gets its invoice on the last day of the month."}
INSIDE = {
    "file": "clients.md",
    "text": "At Ostler Rail nine hundred and forty a day is agreed, trips included.",
}


@pytest.fixture(scope="module")
def pairs() -> list[Example]:
    from bench.quality.ours import open_vectors  # noqa: PLC0415 - loads the encoder
    from training.placed import placed_pairs  # noqa: PLC0415 - as above

    directory = Labelled(
        name="ours",
        today=date(2026, 6, 1),
        files={
            "MEMORY.md": "- [Rates](rates.md)\n- [Clients](clients.md)\n",
            "rates.md": RATES,
            "clients.md": CLIENTS,
        },
        duplicates=[[OSTLER, FULL, INSIDE]],
        conflicts=[(FIRST, LAST)],
        stale=[],
        traps=[(OSTLER, BRAND)],
        facts=[],
    )
    return list(placed_pairs(directory, open_vectors()))


def relation_of(pairs: list[Example], one: str, other: str) -> int:
    (found,) = {p.relation for p in pairs if {one, other} == {p.a, p.b}}
    return found


def test_each_text_stands_after_its_place_and_has_the_label_that_was_planted(pairs: list[Example]) -> None:
    rail = "Rates > Ostler Rail: "
    clients = "Clients: "
    assert relation_of(pairs, f"{rail}940 a day, travel included.", f"{clients}{FULL['text']}") == MERGING
    assert relation_of(pairs, f"{rail}{FIRST['text']}", f"{clients}{LAST['text']}") == 3
    assert relation_of(pairs, f"Ostler Rail: {OSTLER['text']}", f"Brand & Daughter: {BRAND['text']}") == 4
    assert (CONFLICT.value, DISTINCT.value) == ("conflict", "distinct")


def test_an_entry_that_says_much_besides_is_not_labelled_a_duplicate(pairs: list[Example]) -> None:
    assert not [p for p in pairs if p.relation == MERGING and "Adeyemi" in p.a + p.b]


def test_nearest_neighbours_without_a_label_are_distinct(pairs: list[Example]) -> None:
    counts = Counter(p.relation for p in pairs)
    assert counts[MERGING] == 1
    assert counts[3] == 1
    assert counts[4] >= 2


def test_an_exchanged_merging_pair_is_still_one() -> None:
    example = Example("x", "y", MERGING)
    assert mirrored(example) == Example("y", "x", MERGING)


def test_the_loss_of_a_merging_pair_rests_on_the_sum_of_the_relations_that_merge() -> None:
    import torch  # noqa: PLC0415

    from training.trainer import losses_of  # noqa: PLC0415

    logits = torch.tensor([[2.0, 0.0, 0.0, 0.0, -1.0], [0.0, 0.0, 0.0, 3.0, 0.0]])
    chances = torch.softmax(logits, -1)
    found = losses_of(logits, torch.tensor([MERGING, 3]), 0.0)
    assert found[0].item() == pytest.approx(-chances[0, :3].sum().log().item())
    assert found[1].item() == pytest.approx(-chances[1, 3].log().item())
    smoothed = losses_of(logits, torch.tensor([1, 3]), 0.1)
    expected = torch.nn.functional.cross_entropy(
        logits, torch.tensor([1, 3]), label_smoothing=0.1, reduction="none"
    )
    assert smoothed.tolist() == pytest.approx(expected.tolist())

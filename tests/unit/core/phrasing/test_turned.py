"""Texts that relate the same things, the same way round or the other way round."""

import pytest

from kairos.core.judgement.judge import judge
from kairos.core.phrasing.turned import inverse_wording, reversed_relation
from kairos.model import Action, Opinion, Statement

TURNED = [
    ("Valkey is faster than Dragonfly in the export benchmark.", "Export benchmark: Dragonfly beat Valkey."),
    ("Valkey is slower than Dragonfly.", "Dragonfly is slower than Valkey."),
    ("The oak is older than the house.", "The house is older than the oak."),
    ("Rinse the lentils before you weigh them.", "Weigh the lentils before you rinse them."),
    ("Before the backup, stop the queue.", "Stop the queue after the backup."),
    ("Scripts run on Deno instead of Bun.", "Run scripts by Bun rather than Deno."),
    ("Use uv, not pip.", "Use pip, not uv."),
    ("RFC 12 was superseded by RFC 19.", "RFC 12 supersedes RFC 19."),
    ("`ledger` depends on `rates`.", "`rates` depends on `ledger`."),
    ("mirror1 pulls from mirror2.", "mirror2 pulls from mirror1 at ten past."),
    ("Photos are copied from the laptop to the NAS.", "Copy photos from the NAS to the laptop."),
    ("Orders sync from Odoo to DATEV, not the other way round.", "Orders sync to Odoo from DATEV."),
    (
        "The demo database is refreshed from the shop.",
        "Each night the shop is refreshed from the demo database.",
    ),
    ("The kiln's clock is an hour ahead of the oven's.", "The clock of the kiln is an hour behind the oven."),
    ("Die Daten gehen von Lyon nach Gent.", "Von Gent nach Lyon gehen die Daten."),
]
THE_SAME = [
    ("Valkey is faster than Dragonfly.", "Dragonfly is slower than Valkey."),
    ("Valkey beat Dragonfly in the benchmark.", "In the benchmark Dragonfly was beaten by Valkey."),
    ("Rinse the lentils before you weigh them.", "Weigh the lentils after you rinse them."),
    ("Before the backup, stop the queue.", "Stop the queue before the backup."),
    ("The demo is refreshed from the shop.", "Each night the demo gets refreshed from the shop."),
    ("The kiln's clock is an hour ahead of the oven's.", "The oven's clock is an hour behind the kiln's."),
    ("RFC 12 superseded by RFC 19.", "RFC 19 supersedes RFC 12."),
    ("`ledger` calls `rates`.", "`rates` is called by `ledger`."),
    ("I stretch after the run, not before it.", "No stretching before a run, I do it afterwards."),
    ("The oak is older than the house.", "The lime is older than the barn."),
    ("Photos are copied from the laptop to the NAS.", "Photos go to the NAS from the laptop."),
    ("Moved from Hetzner to Scaleway in May.", "In May we went from Hetzner to Scaleway."),
]


@pytest.mark.parametrize(("a", "b"), TURNED)
def test_the_same_things_related_the_other_way_round_are_turned(a: str, b: str) -> None:
    assert reversed_relation(a, b)
    assert reversed_relation(b, a)


@pytest.mark.parametrize(("a", "b"), THE_SAME)
def test_inverse_words_and_the_passive_turn_nothing(a: str, b: str) -> None:
    assert not reversed_relation(a, b)
    assert not reversed_relation(b, a)


@pytest.mark.parametrize(
    "texts",
    [
        TURNED[0],
        TURNED[-3],
        ("The client retries when the server times out.", "When the client times out, the server retries."),
    ],
)
def test_turned_texts_are_not_merged_however_sure_a_model_is(texts: tuple[str, str]) -> None:
    a, b = (Statement(text, (text,)) for text in texts)
    sure = Opinion(0.99, 0.0025, 0.0025, 0.0025, 0.0025)
    assert judge(a, b, lambda _one, _other: 0.97, opinion=sure).action is not Action.MERGE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Postgres is slower than Redis for sessions.", "Redis is faster than Postgres for sessions."),
        ("Run the migration before the deploy.", "Run the deploy after the migration."),
    ],
)
def test_a_relation_told_by_its_inverse_word_is_no_conflict(a: str, b: str) -> None:
    one, other = (Statement(text, (text,)) for text in (a, b))
    clash = Opinion(0.01, 0.01, 0.01, 0.96, 0.01)
    for left, right in ((one, other), (other, one)):
        assert judge(left, right, lambda *_: 0.9, opinion=clash).action is not Action.FLAG
    assert inverse_wording(a, b)
    assert not inverse_wording(a, a)


def test_a_relation_named_twice_says_nothing() -> None:
    a = "Ann rides before Bo, and Cleo before Dan."
    assert not reversed_relation(a, "Bo rides before Ann.")

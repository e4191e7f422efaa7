"""The table of word kinds: every phrase is found, and no two members of a kind share one."""

from itertools import combinations, product

import pytest

from kairos.core.phrasing.kind_words import FORCE, NEGATIVE, TURNED_BY_NEGATION, UNAFFECTED_BY_NEGATION
from kairos.core.phrasing.kinds import kinds_apart

TABLE = {**TURNED_BY_NEGATION, **UNAFFECTED_BY_NEGATION}


def members(kind: str) -> list[list[str]]:
    return [
        [" ".join(phrase.split()) for phrase in alternatives.split(",")]
        for alternatives in TABLE[kind].split("|")
    ]


def written(phrase: str) -> str:
    return phrase.replace("#", "7").replace("@", "Friday").replace("n t ", "n't ")


@pytest.mark.parametrize("kind", TABLE)
def test_no_phrase_stands_for_two_members(kind: str) -> None:
    phrases = [phrase for alternatives in members(kind) for phrase in alternatives]
    assert all(phrases)
    assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize("kind", [kind for kind in TABLE if kind != FORCE])
def test_any_two_members_are_apart(kind: str) -> None:
    for one, other in combinations(members(kind), 2):
        for phrase, rival in product(one, other):
            assert kinds_apart(f"Kolya {written(phrase)} zebra", f"Zebra {written(rival)} Kolya"), (
                phrase,
                rival,
            )


@pytest.mark.parametrize("negative", [False, True])
def test_duties_are_compared_with_duties_and_prohibitions_with_prohibitions(
    negative: bool,
) -> None:
    found = members(FORCE)
    alike = [found[number] for number in range(len(found)) if (number in NEGATIVE) == negative]
    for one, other in combinations(alike, 2):
        for phrase, rival in product(one, other):
            assert kinds_apart(f"Kolya {written(phrase)} zebra", f"Zebra {written(rival)} Kolya"), (
                phrase,
                rival,
            )


def test_a_negation_leaves_duties_to_others() -> None:
    assert not kinds_apart("You must do it.", "You must not do it.")
    assert not kinds_apart("You may not do it.", "You should do it.")
    assert not kinds_apart("Nobody may do it.", "It must be left undone.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The outer loop has a minimum radius of 60 cm.", "outer loop: r ≤ 60 cm"),
        ("numpy<2 (pinned)", "numpy is pinned above 2"),
        ("Passwords on the portal: length >= 14", "The portal takes passwords of up to 14 signs."),
        ("load > 80 % pages us", "We are paged at a load under 80 %."),
    ],
)
def test_a_bound_in_signs_is_recognised(one: str, other: str) -> None:
    assert kinds_apart(one, other) == "bound"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("retries <= 3", "at most 3 retries"),
        ("retries: max 3", "no more than 3 retries"),
        ("crash -> 3 retries, at most", "at most 3 retries after a crash"),
        ("crash => 3 retries, at most", "at most 3 retries after a crash"),
    ],
)
def test_equal_bounds_in_signs_and_words_and_arrows_are_not_apart(one: str, other: str) -> None:
    assert kinds_apart(one, other) == ""


def test_by_and_before_a_time_of_day_are_the_same() -> None:
    assert not kinds_apart("Order before Tuesday 12 o'clock.", "Order by Tuesday noon.")
    assert kinds_apart("Order before Tuesday.", "Order by Tuesday.")
    assert kinds_apart("Order after Tuesday noon.", "Order by Tuesday noon.")
    assert not kinds_apart("Order on Tuesday by noon.", "Order by Tuesday noon.")
    assert kinds_apart("Order on Tuesday after noon.", "Order by Tuesday noon.")
    assert kinds_apart("Order on Tuesday by phone.", "Order by Tuesday noon.")


def test_half_of_a_length_does_not_say_how_many() -> None:
    assert not kinds_apart(
        "A stop is a minute and a half long at most.", "Stops last ninety seconds at the most."
    )
    assert not kinds_apart("Water every pot for half an hour.", "Water the pots for thirty minutes each.")
    assert kinds_apart("Water half of the pots.", "Water all the pots.")
    assert kinds_apart("Stops last a minute at the most.", "Stops last a minute at least.")

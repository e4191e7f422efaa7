import pytest

from kairos.core.arrangement import regrouped, reordered, swapped


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "The primary database is in Lyon, the replica in Nice.",
            "Primary DB: Nice. Lyon holds the read replica.",
        ),
        (
            "Noor is the treasurer of the club and Ines its chair.",
            "Club: Ines keeps the books as treasurer, Noor chairs.",
        ),
        ("Crouch is on C, reload on R.", "Keys: reload = C, crouch = R"),
        (
            "The pool on Mondays is mixed; on Thursdays it is women only.",
            "Pool: Thursdays mixed, Mondays women only",
        ),
    ],
)
def test_words_shared_out_crosswise_are_regrouped(a: str, b: str) -> None:
    assert regrouped(a, b)
    assert regrouped(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Use uv in web, pip in api.", "In api pip is used, and web uses uv."),
        (
            "The nightly dump starts at one, is packed with zstd, and ends up in vault1.",
            "Vault1 gets the dump, packed with zstd",
        ),
        ("One clause only, of a kind", "One clause only"),
        ("", ""),
    ],
)
def test_a_paraphrase_is_not_regrouped(a: str, b: str) -> None:
    assert not regrouped(a, b)
    assert not regrouped(b, a)


def test_two_words_that_trade_places_are_swapped() -> None:
    assert swapped("the router calls the planner and logs it", "the planner calls the router and logs it")
    assert not swapped("the router calls the planner", "the router calls the planner twice")


def test_names_in_another_order_are_reordered() -> None:
    assert reordered("Ghent leads WP2, Tartu WP4", "WP2: Tartu, WP4: Ghent")
    assert not reordered("Ghent leads WP2, Tartu WP4", "Ghent has WP2, Tartu has WP4")

import pytest

from kairos.core.phrasing.arrangement import moved, rearranged, regrouped, reordered, swapped


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
        (
            "The client retries when the server times out.",
            "When the client times out, the server retries.",
        ),
        ("Der Melder piept, wenn die Pumpe steht.", "Wenn der Melder steht, piept die Pumpe."),
    ],
)
def test_words_paired_crosswise_are_regrouped(a: str, b: str) -> None:
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
        ("The client retries when the server times out.", "When the server times out, the client retries."),
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


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (
            "The serial link is 8N1 without flow control.",
            "No flow control on the serial link; it is 8N1.",
            True,
        ),
        ("The serial link is 8N1 with flow control.", "The serial line is 8N1 with flow control.", False),
        ("The walls are purple", "Purple are the walls", False),  # too short to have an order
    ],
)
def test_a_rephrased_sentence_has_its_words_in_another_order(a: str, b: str, expected: bool) -> None:
    assert moved(a, b) is moved(b, a) is expected


def test_names_in_another_order_are_reordered() -> None:
    assert reordered("Ghent leads WP2, Tartu WP4", "WP2: Tartu, WP4: Ghent")
    assert not reordered("Ghent leads WP2, Tartu WP4", "Ghent has WP2, Tartu has WP4")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Kiln1 and Kiln2 in Home are read only.", "In Home only Kiln1 and Kiln2 are read.", False),
        ("Ghent leads WP2, Tartu leads WP4.", "Ghent: WP4. Tartu: WP2.", True),
        ("Anna, Berta, Clara", "Clara, Berta, Anna", True),
        ("Anna, Berta, Clara", "Anna, Berta, Clara", False),
    ],
)
def test_a_clause_that_moved_as_a_whole_is_no_rearrangement(a: str, b: str, expected: bool) -> None:
    assert rearranged(a, b) is expected
    assert rearranged(b, a) is expected

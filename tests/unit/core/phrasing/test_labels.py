import pytest

from kairos.core.phrasing.labels import chained_apart, named_apart, set_apart


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Blue kiln (always): glaze firings only.", "Red kiln: glaze firings only."),
        ("- **Winter feed**: two scoops.", "- **Summer feed**: two scoops, cooled."),
        ("1. Invoices for members — by mail", "Invoices for sponsors — by mail"),
    ],
)
def test_labels_that_share_one_word_and_differ_in_another_are_apart(a: str, b: str) -> None:
    a, b = a.replace("*", ""), b.replace("*", "")
    assert named_apart(a, b)
    assert named_apart(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Kiln: glaze firings only.", "Blue kiln: glaze firings only."),  # one is only more specific
        ("Kilns: glaze only.", "Kiln: glaze only."),
        ("Firing: glaze only.", "Kiln: glaze only."),  # may be two words for the same thing
        ("The kiln that stands nearest to the door is blue: use it", "The kiln by the wall: leave it"),
        ("See https://a.example/x", "See http://b.example/y"),
        ("", ""),
    ],
)
def test_other_labels_are_not_apart(a: str, b: str) -> None:
    assert not named_apart(a, b)
    assert not named_apart(b, a)


def test_one_label_with_two_identifiers_is_set_apart() -> None:
    assert set_apart("Branch: feat/kiln-v2 (replaces feat/kiln)", "Branch: feat/kiln (merged)")
    assert not set_apart("Branch: feat/kiln (merged)", "Branch: feat/kiln, rebased")
    assert not set_apart("Branch: feat/kiln", "Tag: feat/kiln-v2")
    assert not set_apart(
        "Owner: Maud", "Owner: Piet"
    )  # words may be paraphrases; names have a signal of their own


@pytest.mark.parametrize("arrow", ["→", "->", "=>"])
def test_a_sequence_that_grew_is_a_different_one(arrow: str) -> None:
    short = f"Steps: wedge {arrow} throw {arrow} dry"
    assert chained_apart(short, f"{short} {arrow} fire")
    assert not chained_apart(short, f"The steps are wedge {arrow} throw {arrow} dry as ever.")
    assert not chained_apart(f"wedge {arrow} throw", f"wedge {arrow} dry")

import pytest

from kairos.core.change.taken_back import TakenBack

ALL = ("- a", "- b", "- c")
BACK = TakenBack({"k1": "undone", "k2": "undone"}, {"- a": "k1", "- b": "k2", "- c": "k2"})


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("k1", "1 of its pointers stays: moving it to a sub-index was undone before"),
        ("k2", "2 of its pointers stay: moving them to a sub-index was undone before"),
    ],
)
def test_pointers_that_were_brought_back_are_counted_by_change(key: str, said: str) -> None:
    (skip,) = (one for one in BACK.staying("MEMORY.md", ALL) if one.key == key)
    assert skip.reason == f"it is over its budget, and {said}"

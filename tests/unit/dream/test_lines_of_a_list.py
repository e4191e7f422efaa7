"""Lines of one list that say the same: a dream merges the two that nobody can have meant both of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.conftest import Bed

pytestmark = pytest.mark.model

MakeBed = Callable[[Mapping[str, str]], Bed]
ONE = "The kiln is fired on Tuesdays and Fridays only."
OTHER = "Only on Tuesdays and Fridays is the kiln fired."
BETWEEN = "Glaze is mixed outdoors with a mask on."
LAST = "The street door sticks in winter."


def listed(*lines: str) -> str:
    return "# Pottery\n\n" + "".join(f"- {line}\n" for line in lines)


def test_a_line_that_repeats_an_earlier_one_goes(bed: MakeBed) -> None:
    root = bed({"pottery.md": listed(ONE, BETWEEN, OTHER, LAST)})
    (change,) = root.dream().plan.changes
    assert root.text("pottery.md") == listed(ONE, BETWEEN, LAST)
    assert change.witness is not None
    assert change.witness.place.text.strip() == f"- {ONE}"
    assert root.dream().plan.changes == ()


@pytest.mark.parametrize(
    "lines",
    [
        (ONE, OTHER, BETWEEN, LAST),
        (ONE, BETWEEN, OTHER, "The small kiln is fired on Tuesdays and Fridays only, too.", LAST),
    ],
)
def test_lines_that_were_written_on_purpose_stay(bed: MakeBed, lines: tuple[str, ...]) -> None:
    root = bed({"pottery.md": listed(*lines)})
    assert root.dream().plan.changes == ()

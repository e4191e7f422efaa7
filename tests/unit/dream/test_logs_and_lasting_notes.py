"""What a log tells again of a lasting note goes; the lasting note stays, and so does what the log alone tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.conftest import Bed

pytestmark = pytest.mark.model

MakeBed = Callable[[Mapping[str, str]], Bed]
INDEX = (
    "# Pottery\n\n- The kiln is fired on Tuesdays and Fridays only.\n- The street door sticks in winter.\n"
)
LOG = "# 2026-05-04\n\n- {}\n- Glaze was mixed outdoors.\n"
AGAIN = "Mira said once more that only on Tuesdays and Fridays, on no other day, is the kiln fired."
MORE = "Mira said once more that only on Tuesdays and Fridays is the kiln fired, and it takes 9 hours."


def test_a_log_line_that_says_no_more_goes(bed: MakeBed) -> None:
    root = bed({"MEMORY.md": INDEX, "memory/2026-05-04.md": LOG.format(AGAIN)})
    (change,) = root.dream().plan.changes
    assert root.text("MEMORY.md") == INDEX
    assert "Mira" not in root.text("memory/2026-05-04.md")
    assert change.witness is not None
    assert change.witness.place.text.strip() == INDEX.splitlines()[2]
    assert root.dream().plan.changes == ()


def test_a_log_line_with_a_value_of_its_own_stays(bed: MakeBed) -> None:
    root = bed({"MEMORY.md": INDEX, "memory/2026-05-04.md": LOG.format(MORE)})
    assert root.dream().plan.changes == ()

"""Notes whose names are not valid text are handled like any other, and no other note becomes invalid text."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from kairos.dream import Status
from tests.light import light_bed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="there every name is text")

COFFEE = os.fsdecode(b"caf\xe9.md")
FACT = (
    "---\nname: falcon\ndescription: bird\n---\n\nThe falcon lives in Kiel, where Mara feeds it every day.\n"
)


@pytest.mark.parametrize(
    ("said", "left"),
    [("See [[zoo]] for it.", "See zoo for it."), ("See `zoo.md` for it.", "See `zoo.md` for it.")],
)
def test_a_link_that_cannot_name_the_survivor_leaves_its_text(tmp_path: Path, said: str, left: str) -> None:
    index = "# Memory\n\n- [bird](caf%E9.md) — the bird\n- [c](c.md) — where to look\n"
    bed = light_bed(tmp_path, {"MEMORY.md": index, "c.md": f"- {said}\n", "zoo.md": FACT, COFFEE: FACT})
    bed.configure("limits: {max_removed_fraction: 1.0}")
    assert bed.dream().status is Status.APPLIED
    assert bed.files() == {"MEMORY.md": index.encode(), "c.md": f"- {left}\n".encode(), COFFEE: FACT.encode()}
    assert bed.dream().status is Status.NOTHING


def test_a_pointer_that_cannot_name_the_survivor_is_replaced(tmp_path: Path) -> None:
    more = FACT.replace("every day.", "every day. Whoever comes by likes it very much.")
    bed = light_bed(
        tmp_path, {"MEMORY.md": "# Memory\n\n- [[zoo]] — the bird\n", "zoo.md": FACT, COFFEE: more}
    )
    bed.configure("limits: {max_removed_fraction: 1.0}")
    assert bed.dream().status is Status.APPLIED
    assert bed.text("MEMORY.md") == "# Memory\n\n- [falcon](caf%E9.md) — bird\n"
    assert bed.dream().status is Status.NOTHING

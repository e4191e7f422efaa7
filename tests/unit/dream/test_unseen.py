"""What lies in a directory that is not read may exist: nothing that leads there is taken for broken."""

from __future__ import annotations

from pathlib import Path

from kairos.dream import Status
from kairos.dream.left_as_is import left_in
from tests.light import light_bed

LINES = (
    "- [Old plan](archive/old.md), what was planned before\n"
    "- [Shared](shared/team.md), what the team wrote\n"
    "- [[archive/older]], what was planned before that\n"
)
FILES = {
    "MEMORY.md": f"# Memory\n\n{LINES}- [Lost](lost/plan.md), the plan that nobody has\n",
    "new.md": "# New\n\n- The plan is in [the archive](archive/old.md), not [here](lost/plan.md).\n",
    "archive/old.md": "- The old plan is red.\n",
    "lost/other.md": "- Another plan is blue.\n",
}


def test_a_pointer_below_a_directory_that_is_not_read_stays(tmp_path: Path) -> None:
    bed = light_bed(tmp_path, FILES)
    (tmp_path / "elsewhere").mkdir()
    (bed.root / "shared").symlink_to(tmp_path / "elsewhere")
    bed.configure("ignore: [archive]")
    assert bed.dream().status is Status.APPLIED
    assert LINES in bed.text("MEMORY.md")
    assert "lost/plan.md" not in bed.text("MEMORY.md")
    left = left_in(bed.root, bed.kairos.config, {}, "new.md")
    assert [one.words for one in left] == ["lost/plan.md"]

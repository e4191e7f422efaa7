from __future__ import annotations

from pathlib import Path

from kairos.cli.roots import innermost, located


def test_a_file_belongs_to_the_deepest_root(tmp_path: Path) -> None:
    outer, inner = str(tmp_path), str(tmp_path / "inner")
    assert innermost(f"{inner}/x", [outer, inner]) == inner
    assert innermost(f"{inner}-not", [inner]) is None
    assert located(tmp_path / "inner" / "gone.md", [outer]) == (outer, "inner/gone.md")
    assert located(Path("/elsewhere/x.md"), [outer]) is None

from __future__ import annotations

from pathlib import Path

from kairos.config import Config, Dates
from kairos.dream.left_as_is import left_in


def test_what_is_left_is_found_in_a_root_or_in_one_note(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.md").write_text("See [b](sub/b.md), [c](c.md) and [data](data.csv).\n")
    (tmp_path / "sub" / "b.md").write_text("Yesterday it rained.\n")
    (tmp_path / "data.csv").write_text("1\n")
    env = {"HOME": str(tmp_path)}

    def left(note: str = "", *, dates: bool = True) -> list[tuple[str, str]]:
        config = Config(dates=Dates(absolute=dates))
        return [(one.file, one.words) for one in left_in(tmp_path, config, env, note)]

    assert left() == [("a.md", "c.md"), ("sub/b.md", "Yesterday")]
    assert left("sub/b.md") == [("sub/b.md", "Yesterday")]
    assert left(dates=False) == [("a.md", "c.md")]
    assert left_in(tmp_path / "gone", Config(), env) == ()

import hashlib

from kairos.core.planning.twins import twins
from kairos.model import Role, Source


def source(text: str, path: str, role: Role = Role.NOTE) -> Source:
    data = text.encode()
    return Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role)


def same(*paths: str) -> list[Source]:
    return [source("same\n", path) for path in paths]


def test_twins_keep_the_preferred_then_the_shorter_path() -> None:
    files = same("a.md", "a-copy.md")
    files += [source("", "e1.md"), source("", "e2.md"), source("same\n", "MEMORY.md", Role.INDEX)]
    files += [source("log\n", f"log-2026-01-0{day}.md") for day in (1, 2)]
    assert twins(files) == (("a.md", "a-copy.md"),)
    assert twins(files, preferred=lambda path: path == "a-copy.md") == (("a-copy.md", "a.md"),)


def test_each_directory_keeps_one_twin_and_the_best_of_all_represents_them() -> None:
    found = twins(same("notes/ab.md", "notes/a.md", "longer-name.md", "longer-name-2.md"))
    assert found == (
        ("longer-name.md", "longer-name-2.md"),
        ("longer-name.md", "notes/a.md"),
        ("notes/a.md", "notes/ab.md"),
    )


def test_twins_set_aside_never_survive() -> None:
    for aside in ("legacy", "Archive", "_archived", "old", "x/backup/y"):
        files = same(f"{aside}/a.md", "memory/work/notes/draft-of-a.md")
        assert twins(files) == (("memory/work/notes/draft-of-a.md", f"{aside}/a.md"),)
        assert twins(files, preferred=lambda path: path.endswith("/a.md")) == twins(files)
    assert twins(same("bold/a.md", "notes/ab.md")) == (("bold/a.md", "notes/ab.md"),)


def test_logs_of_one_day_are_twins_but_a_file_in_many_directories_is_a_template() -> None:
    logs = [source("log\n", path, Role.DAILY) for path in ("2026-01-01.md", "logs/2026-01-01.md")]
    assert twins(logs) == (("2026-01-01.md", "logs/2026-01-01.md"),)
    assert len(twins(same("a/x.md", "b/x.md", "c/x.md"))) == 2
    assert twins(same("a/x.md", "b/x.md", "c/x.md", "d/x.md")) == ()

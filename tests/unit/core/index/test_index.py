"""The index is repaired, completed and kept within its budget; everything else in it stays as it is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kairos.core.index.budget import size
from kairos.core.index.linker import Linker
from kairos.core.markdown.render import edits_by_path, render_file
from kairos.core.root.reading import Reading
from kairos.layouts import by_name
from kairos.model import (
    Change,
    ChangeKind,
    Conflict,
    IndexSize,
    Place,
    RemoveFile,
    Role,
    Skip,
    Snapshot,
    Source,
)

BUDGET = IndexSize(200, 25_000)
Files = dict[str, bytes]


def read(files: Files) -> Reading:
    role_of = by_name("plain").role_of
    sources = tuple(
        Source(path, data, path, _mtime(number), 0o644, role_of(path) or Role.NOTE)
        for number, (path, data) in enumerate(sorted(files.items()))
    )
    return Reading.of(Snapshot("/root", "plain", sources))


def _mtime(day: int) -> int:
    return int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() + day * 86_400) * 10**9


def plan(
    files: Files, budget: IndexSize = BUDGET, conflicts: tuple[Conflict, ...] = ()
) -> tuple[Files, tuple[Change, ...], tuple[Skip, ...]]:
    changes, skipped = Linker(read(files), budget).derived((), conflicts, narrow=False)
    after: dict[str, bytes | None] = dict(files)
    for path, edits in edits_by_path(changes).items():
        after[path] = render_file(files.get(path), edits)
    return {path: data for path, data in after.items() if data is not None}, changes, skipped


def index_after(index: str, budget: IndexSize = BUDGET, **notes: str) -> str:
    files = {name.replace("__", "/") + ".md": text.encode() for name, text in notes.items()}
    after, _, _ = plan({"MEMORY.md": index.encode(), **files}, budget)
    return after["MEMORY.md"].decode()


def test_a_good_index_is_left_alone() -> None:
    index = "# Index\n\nProse.\n\n- [A](a.md) — first\n- `b.md`: second"
    assert index_after(index, a="A thing.", b="B thing.") == index


def test_a_broken_pointer_is_removed_and_its_line_kept_as_the_subject() -> None:
    files = {"MEMORY.md": b"- [A](a.md) \xe2\x80\x94 a\n- [X](x.md) \xe2\x80\x94 gone\n", "a.md": b"A.\n"}
    after, (change,), _ = plan(files)
    assert after["MEMORY.md"] == b"- [A](a.md) \xe2\x80\x94 a\n"
    assert change.subject == Place("MEMORY.md", 2, "- [X](x.md) — gone")
    assert change.derived


def test_a_pointer_to_a_moved_note_is_mended_and_not_added_again() -> None:
    after, _, _ = plan({"MEMORY.md": b"- [B](old/b.md#why) - b\n", "new dir/B.md": b"text"})
    assert after["MEMORY.md"] == b"- [B](new%20dir/B.md#why) - b\n"


def test_a_mended_pointer_does_not_double_one_that_exists() -> None:
    assert index_after("- [A](old/a.md) — one\n- [A](a.md) — two\n", a="text") == "- [A](a.md) — two\n"


@pytest.mark.parametrize(
    ("pointer", "kept"),
    [
        ("- [Old](old.md) — why", "- [Old](new%20note.md) — why"),
        ("- [[old]] — why", "- [[new note]] — why"),
    ],
)
@pytest.mark.parametrize("retired", [False, True])
def test_a_mended_pointer_does_not_double_one_that_a_survivor_inherits(
    pointer: str, kept: str, *, retired: bool
) -> None:
    index = f"{pointer}\n- [N](x/new-note.md) — moved\n"
    files = {"MEMORY.md": index.encode(), "old.md": b"- Words.\n", "new note.md": b"- Words.\n"}
    reading = read(files)
    linker = Linker(reading)
    left = (linker.edits_for_superseded if retired else linker.edits_for_removed)("old.md", "new note.md")
    edits = (RemoveFile("old.md"), *left)
    change = Change("k", ChangeKind.MERGE, "", edits, Place("old.md", 1, "- Words."))
    derived, _ = linker.derived((change,), (), narrow=False)
    after = render_file(files["MEMORY.md"], edits_by_path((change, *derived))["MEMORY.md"])
    assert after == f"{'- [new note](new%20note.md) — Words.' if retired else kept}\n".encode()


def test_the_first_of_two_pointers_stays_and_anchors_count_as_different() -> None:
    index = "- [A](a.md) — one\n- [A](a.md#part) — part\n- [A](a.md) — two\n"
    assert index_after(index, a="text") == "- [A](a.md) — one\n- [A](a.md#part) — part\n"


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("- [Keys](keys.md) — behind the door, PIN 4711", "- Keys — behind the door, PIN 4711"),
        ("- [Keys](keys.md) — never lend them", "- Keys — never lend them"),
        ("- [Keys, PIN 4711](keys.md)", "- Keys, PIN 4711"),
        ("- [[keys]] — ask Mara for them", "- keys — ask Mara for them"),
        ("- [Keys](keys.md) — 不要外借", "- Keys — 不要外借"),
        ("- [Keys](keys.md) — to both doors", None),
        ("- Where the keys are: [keys.md](keys.md)", None),
        ("- [Keys](keys.md) — the boiler hums at 50 Hz", None),
    ],
)
def test_text_that_only_a_broken_pointer_has_stays_without_the_link(line: str, stays: str | None) -> None:
    index = f"# Index\n\n- [A](a.md) — a\n{line}\n"
    after = index_after(index, a="At 50 Hz the boiler hums.")
    assert after == "# Index\n\n- [A](a.md) — a\n" + (f"{stays}\n" if stays else "")
    assert index_after(after, a="At 50 Hz the boiler hums.") == after


def test_text_that_only_a_repeated_pointer_has_stays_without_the_link() -> None:
    index = "- [Deploy](deploy.md) — how\n- [Deploy hosts](deploy.md) — hosts are eu-3 and eu-4, port 8443\n"
    kept = "- [Deploy](deploy.md) — how\n"
    assert index_after(index, deploy="Deploys go to eu-3 and eu-4, the hosts behind port 8443.") == kept
    assert index_after(index, deploy="Deploys wait for Mara.") == (
        kept + "- Deploy hosts — hosts are eu-3 and eu-4, port 8443\n"
    )


def test_pointers_wait_if_too_many_notes_are_missing() -> None:
    index = "".join(f"- [N{number}](n{number}.md)\n" for number in range(4)) + "- [A](a.md)\n"
    reading = read({"MEMORY.md": index.encode(), "a.md": b"A.\n"})
    changes, (skip,) = Linker(reading, BUDGET, most_broken=3).derived((), (), narrow=False)
    assert not changes
    assert "4 of its 5 pointers lead nowhere" in skip.reason
    changes, skipped = Linker(reading, BUDGET, most_broken=4).derived((), (), narrow=False)
    assert (len(changes), skipped) == (4, ())


def test_a_name_in_another_unicode_normalisation_leads_to_the_note() -> None:
    composed, decomposed = "caf\u00e9.md", "cafe\u0301.md"
    files = {"MEMORY.md": f"- [Café]({composed}) — drinks\n".encode(), decomposed: b"Tea.\n"}
    after, (change,), _ = plan(files)
    assert after["MEMORY.md"].decode() == f"- [Café]({decomposed}) — drinks\n"
    assert "is now" in change.reason


def test_a_link_with_blanks_is_mended_in_place_and_not_doubled() -> None:
    index = "- [Payments](Payments & Stripe (v2).md) — webhooks\n- [P](My Notes.md)\n- [Q](no such one.md)\n"
    files = {"MEMORY.md": index.encode(), "Payments & Stripe (v2).md": b"Hooks.\n", "My Notes.md": b"My.\n"}
    after, _, _ = plan(files)
    assert after["MEMORY.md"].decode() == (
        "- [Payments](Payments%20&%20Stripe%20%28v2%29.md) — webhooks\n"
        "- [P](My%20Notes.md)\n- [Q](no such one.md)\n"
    )
    assert plan(after)[1] == ()


def test_a_sub_index_of_the_users_own_is_only_added_to() -> None:
    archive = b"# Archive\n\n- [X](x.md) \xe2\x80\x94 PIN 4711\n- [A](a.md) \xe2\x80\x94 a\n"
    files = {
        "MEMORY.md": b"- [A](a.md) \xe2\x80\x94 a\n- [Old](MEMORY-archive.md)\n",
        "MEMORY-archive.md": archive,
        "a.md": b"A.\n",
    }
    assert plan(files)[1] == ()
    files["MEMORY.md"] = b"- [A](a.md) \xe2\x80\x94 a\n"
    after, (change,), _ = plan(files)
    assert after["MEMORY-archive.md"] == archive
    assert "(MEMORY-archive.md)" in after["MEMORY.md"].decode()
    assert "0 of" not in change.reason


def test_a_missing_pointer_is_added_after_the_last_of_its_kind() -> None:
    index = "# Index\r\n- [A](user_a.md): a\r\n- [B](project_b.md): b\r\n\r\nProse.\r\n"
    after = index_after(index, user_a="a", project_b="b", user_c="About c.")
    assert after == index.replace("- [B]", "- [User c](user_c.md): About c.\r\n- [B]")


def test_a_missing_pointer_keeps_a_missing_final_line_break() -> None:
    assert index_after("- [A](a.md) — a", a="a", b="About b.") == "- [A](a.md) — a\n- [b](b.md) — About b."


def test_a_list_after_prose_is_set_off_by_a_blank_line() -> None:
    after = index_after("# Facts\n\nThe port is 80.", b="About b.", c="About c.")
    assert after == "# Facts\n\nThe port is 80.\n\n- [b](b.md) — About b.\n- [c](c.md) — About c."


def test_a_list_that_begins_with_the_conflicts_note_has_no_gap() -> None:
    files = {"MEMORY.md": b"# Facts\n\nThe port is 80.\n", "b.md": b"About b.\n"}
    conflict = Conflict("c1", Place("b.md", 1, "x"), Place("b.md", 2, "y"), None, "z", date(2026, 1, 1))
    lines = plan(files, conflicts=(conflict,))[0]["MEMORY.md"].decode().split("\n")
    assert [line[:3] for line in lines] == ["# F", "", "The", "", "- [", "- [", ""]


def test_notes_linked_from_reachable_notes_are_reachable() -> None:
    index = "- [A](a.md) — a\n"
    assert index_after(index, a="see [B](b.md)", b="see [[c]]", c="the end") == index


@pytest.mark.parametrize("path", ["2026-01-02.md", "CLAUDE.md", "empty.md"])
def test_daily_read_only_and_empty_notes_are_not_added(path: str) -> None:
    text = b"" if path == "empty.md" else b"Some text.\n"
    after, _, _ = plan({"MEMORY.md": b"# Index\n", path: text})
    assert after["MEMORY.md"] == b"# Index\n"


def test_a_line_that_names_a_project_file_is_no_broken_pointer() -> None:
    index = (
        "- **Plan:** `docs/plan.md`\n- `src/readme.md` — how to build\n- task\n  - [x](x.md) was the base\n"
    )
    assert index_after(index) == index


def test_a_line_with_another_good_link_is_reported() -> None:
    after, changes, (skip,) = plan({"MEMORY.md": b"- [A](a.md), [X](x.md)\n", "a.md": b"a"})
    assert after["MEMORY.md"] == b"- [A](a.md), [X](x.md)\n"
    assert not changes
    assert skip.what == "MEMORY.md:1"


def test_a_broken_line_that_also_names_a_note_stays() -> None:
    index = "- [X](x.md) — see also `a.md`\n"
    assert index_after(index, a="A thing.") == index


def test_a_pointer_out_of_the_root_is_left_alone_and_reported() -> None:
    files = {"MEMORY.md": b"- [k](../../.ssh/id.md) - k\n- [l](/etc/l.md) - l\n"}
    after, changes, skipped = plan(files)
    assert (after, changes, len(skipped)) == (files, (), 2)


def test_nothing_is_added_inside_an_unclosed_code_block() -> None:
    files = {"MEMORY.md": b"# Store\n\n```\ncode\n", "a.md": b"About a.\n"}
    after, changes, (skip,) = plan(files)
    assert (after, changes) == (files, ())
    assert "code block" in skip.reason


def typed(note_type: str, day: int) -> bytes:
    return f"---\nname: n{day}\ntype: {note_type}\nmodified: 2026-03-{day:02}\n---\nFact {day}.\n".encode()


def test_over_budget_the_oldest_pointers_move_and_all_notes_stay_reachable() -> None:
    notes = {f"n{day}.md": typed("project" if day % 2 else "user", day) for day in range(1, 29)}
    index = "# Index\n\n" + "".join(f"- [N {day}](n{day}.md) — hook {day}\n" for day in range(1, 29))
    budget = IndexSize(20, 25_000)
    after, _, skipped = plan({"MEMORY.md": index.encode(), **notes}, budget)
    lines = after["MEMORY.md"].decode().splitlines()
    assert size(after["MEMORY.md"]).lines <= budget.lines
    assert "- [N 28](n28.md) — hook 28" in lines
    assert "- [N 1](n1.md) — hook 1" in after["MEMORY-project.md"].decode().splitlines()
    assert "- [N 2](n2.md) — hook 2" in after["MEMORY-user.md"].decode().splitlines()
    together = b"".join(data for path, data in after.items() if path.startswith("MEMORY"))
    assert all(b"(%s)" % path.encode() in together for path in notes)
    assert not skipped
    assert plan(after, budget)[1] == ()


def test_prose_over_budget_is_neither_cut_nor_added_to() -> None:
    files = {"MEMORY.md": b"Prose.\n\n" * 20, "a.md": b"About a.\n"}
    conflict = Conflict("c1", Place("a.md", 1, "x"), Place("a.md", 2, "y"), None, "z", date(2026, 1, 1))
    after, _, (skip,) = plan(files, IndexSize(20, 25_000), (conflict,))
    assert after["MEMORY.md"] == files["MEMORY.md"]
    assert skip.reason.endswith("; 1 note has no pointer")


def test_front_matter_and_comments_do_not_count_as_size() -> None:
    assert size(b"---\nname: x\n---\none\ntwo\n<!-- a comment\nof two lines -->\n") == IndexSize(3, 9)
    assert size(b"") == IndexSize(0, 0)


def test_conflicts_are_shown_in_a_note_that_note_text_cannot_forge() -> None:
    bad = "- port 80\n```\n# forged\n[x](y.md) \u202e \x1b[31m\n<!-- -->"
    conflict = Conflict(
        "ab12", Place("a.md", 3, bad), Place("b.md", 7, "- port 90"), "b", "80, 90", date(2026, 1, 1)
    )
    files = {"MEMORY.md": b"- [A](a.md) \xe2\x80\x94 a\n", "a.md": b"a"}
    after, _, _ = plan(files, conflicts=(conflict,))
    note = after["kairos-conflicts.md"].decode()
    assert "    # forged\n" in note
    assert "kairos resolve ab12 --keep a|b|both" in note
    assert not {"\u202e", "\x1b"} & set(note)
    assert "(kairos-conflicts.md)" in after["MEMORY.md"].decode()
    assert plan(after, conflicts=(conflict,))[1] == ()
    assert plan(after)[0] == files

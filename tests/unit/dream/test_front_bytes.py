"""What a dream leaves in the index and in the bytes around an edit, alongside a live agent and after a crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from kairos.dream import Mode, Status
from kairos.errors import ChangedError
from kairos.model import Plan
from tests.unit.dream.notes import FILES, FILLER, OLD, TWICE

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]


pytestmark = pytest.mark.model


# --- after a crash ---


def leave_unrecovered_note(made: Bed) -> str:
    """Leave what remains of a note that was saved just as Kairos replaced it and crashed; returns its name."""
    mark = sha256(b"ship.md").hexdigest()[:8]
    made.write(f".kairos-{mark}00000000.old", "- Written in that very instant.\n")
    return "ship.md"


@pytest.mark.parametrize("mode", [Mode.ASK, Mode.UNATTENDED])
def test_what_recovery_leaves_alone_is_reported_and_recorded(full: Bed, mode: Mode) -> None:
    name = leave_unrecovered_note(full)
    done = full.dream(mode)
    assert [skip.what for skip in done.skipped].count(name) == 1
    with full.state() as state:
        (dream,) = state.dreams(full.root)
    (skip,) = [skip for skip in dream.skipped if skip.what == name]
    assert "gzip" in skip.advice
    assert not [skip for skip in full.dream(mode).skipped if skip.what == name]  # reported only once


def test_a_failing_dream_reports_what_recovery_left_alone(full: Bed) -> None:
    def meddle(_plan: Plan) -> bool:
        for name in full.files():
            full.write(name, full.text(name) + "- One more.\n")
        return True

    full.dream()
    full.write("copy.md", f"# Copy\n\n- {TWICE}\n- {OLD}\n")
    leave_unrecovered_note(full)
    with pytest.raises(ChangedError, match=r"ship\.md: Somebody wrote to it at the moment"):
        full.dream(Mode.ASK, meddle)


# --- the index ---


def test_an_index_over_its_budget_moves_its_oldest_pointers(bed: MakeBed) -> None:
    names = [f"note-{n:03}.md" for n in range(70)]
    notes = {
        name: f"---\ndescription: d{n}\ntype: project\n---\n\n# N{n}\n\nTopic {n}: word{n * 7} and thing{n * 13}.\n"
        for n, name in enumerate(names)
    }
    lines = "".join(f"- [N{n}]({name}) — topic {n}\n" for n, name in enumerate(names))
    made = bed({"MEMORY.md": f"# Memory\n\nMy own prose stays.\n\n{lines}", **notes})
    made.configure("limits: {max_removed_fraction: 0.0}\nindex: {lines: 60}")
    done = made.dream()
    assert done.status is Status.APPLIED
    index = made.text("MEMORY.md")
    assert len(index.splitlines()) <= 60
    assert "My own prose stays." in index
    assert "](note-069.md)" in index
    assert "](MEMORY-project.md)" in index
    below = made.text("MEMORY-project.md")
    assert all(f"]({name})" in index + below for name in names)
    assert "](note-000.md)" in below
    after = made.files()
    assert made.dream().plan.changes == ()
    assert made.files() == after
    made.kairos.undo(made.root, everything=True)
    assert made.text("MEMORY.md").endswith(lines)
    assert not (made.root / "MEMORY-project.md").exists()


def test_broken_pointers_are_removed_and_unreachable_notes_get_one(bed: MakeBed) -> None:
    made = bed(
        {"MEMORY.md": "# Memory\n\n- [Gone](gone.md) — is gone\n", "ship.md": f"# Shipping\n\n{FILLER}"}
    )
    made.dream()
    assert "gone.md" not in made.text("MEMORY.md")
    assert "](ship.md)" in made.text("MEMORY.md")
    assert made.dream().plan.changes == ()


# --- bytes ---


def test_bytes_outside_an_edit_stay_as_they_were(bed: MakeBed) -> None:
    head = b"\xef\xbb\xbf---\r\nname: ship\r\ndescription: d\r\nx-unknown:   kept  \r\n---\r\n\r\n# Shipping\r\n\r\n"
    rest = b"- Trailing blanks stay.   \r\n\r\n\r\n- No final newline"
    made = bed(
        {
            "MEMORY.md": b"# Memory\r\n\r\n- [S](ship.md) \xe2\x80\x94 s\r\n- [N](notes.md) \xe2\x80\x94 n\r\n",
            "ship.md": head + f"- {TWICE}\r\n".encode() + rest,
            "notes.md": f"# Notes\n\n- {TWICE}\n{FILLER}",
        }
    )
    (made.root / "ship.md").chmod(0o640)
    (made.root / "notes.md").chmod(0o640)
    before, stamp = made.files(), (made.root / "MEMORY.md").stat().st_mtime_ns
    made.dream()
    after = made.files()
    line = f"- {TWICE}".encode()
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) == 1
    (name,) = changed
    assert after[name] == before[name].replace(line + (b"\r\n" if name == "ship.md" else b"\n"), b"")
    assert (made.root / name).stat().st_mode & 0o777 == 0o640
    assert (made.root / "MEMORY.md").stat().st_mtime_ns == stamp


def test_a_new_pointer_has_the_line_ends_of_its_index(bed: MakeBed) -> None:
    made = bed(
        {
            "MEMORY.md": b"# Memory\r\n\r\n- [A](a.md) - a\r\n",
            "a.md": f"# A\n\n{FILLER}",
            "b.md": "# B\n\n- Tea is free.\n",
        }
    )
    made.dream()
    data = made.files()["MEMORY.md"]
    assert b"](b.md)" in data
    assert data.count(b"\n") == data.count(b"\r\n")


# --- a live agent ---


def test_an_edit_by_an_agent_during_a_dream_wins(full: Bed) -> None:
    theirs = f"# Notes\n\n- {TWICE}\n- The agent has just learned this.\n{FILLER}"
    times: list[int] = []

    def interfere(stage: str, done: int, _total: int) -> None:
        if stage == "apply" and done == 0:
            times.append(done)
            if len(times) == 1:
                full.write("notes.md", theirs)

    full.kairos.progress = interfere
    done = full.dream()
    assert len(times) == 2, "planned anew"
    text = "".join(data.decode() for data in full.files().values())
    assert "The agent has just learned this." in full.text("notes.md")
    assert text.count(TWICE) >= 1
    assert done.status in {Status.APPLIED, Status.PARTIAL}
    full.kairos.progress = lambda *_: None
    full.dream()
    assert full.dream().plan.changes == ()
    assert "The agent has just learned this." in full.text("notes.md")


def test_a_dream_gives_up_if_an_agent_keeps_writing(full: Bed) -> None:
    count = 0

    def interfere(stage: str, done: int, _total: int) -> None:
        nonlocal count
        if stage == "apply" and done == 0:
            count += 1
            for name, text in FILES.items():
                full.write(name, f"{text}\n- Lesson {count} of the agent in {name}.\n")

    full.kairos.progress = interfere
    theirs = None
    try:
        full.dream()
    except ChangedError as error:
        theirs = error
    for name in FILES:
        assert f"Lesson {count} of the agent" in full.text(name)
    assert theirs is not None


def test_a_leading_thematic_break_is_not_front_matter(bed: MakeBed) -> None:
    kept = "---\nThe key of the shed hangs in the hall.\n\nMara has the other one.\n\n---\n\n"
    made = bed({"a.md": f"{kept}- {TWICE}\n", "b.md": f"# B\n\n- {TWICE}\n{FILLER}"})
    assert made.dream().status is Status.APPLIED
    assert made.text("a.md").startswith(kept)
    assert (made.text("a.md") + made.text("b.md")).count(TWICE) == 1

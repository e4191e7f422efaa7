"""The front door over real directories and with the real model: what design invariants promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from kairos.dream import Mode, Status
from kairos.errors import ChangedError, UsageError
from kairos.model import ChangeKind, Plan

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

TWICE = "Releases are cut from the main branch every Thursday."
OLD, NEW = "The API listens on port 8080.", "The API now listens on port 9090, no longer 8080."
FILLER = "".join(
    f"- {line}\n"
    for line in (
        "The invoices are written in Spanish.",
        "Every backup is encrypted with age.",
        "Our designers draw icons in Figma.",
        "Flaky tests are quarantined by the nightly job.",
        "Customers in Japan get their own data centre.",
        "The mobile app stores drafts in SQLite.",
    )
)
FILES = {
    "MEMORY.md": "# Memory\n\n- [Shipping](ship.md) — how we ship\n- [Guest](guest.md) — guest login\n",
    "ship.md": f"# Shipping\n\n- {TWICE}\n- {OLD}\n",
    "notes.md": f"# Notes\n\n- {TWICE}\n- {NEW}\n{FILLER}",
    "guest.md": "---\nname: guest\ndescription: guest login\nexpires: 2026-01-31\n---\n\nGuests log in.\n",
}


@pytest.fixture
def full(bed: MakeBed) -> Bed:
    return bed(FILES)


def kinds(plan: Plan) -> list[ChangeKind]:
    return [change.kind for change in plan.changes]


def one(plan: Plan, kind: ChangeKind) -> str:
    (key,) = [change.key for change in plan.changes if change.kind is kind]
    return key


# --- how far a dream goes ---


def test_the_first_dream_only_reports(full: Bed) -> None:
    before = full.files()
    first = full.dream(Mode.ASK, lambda _: True)
    assert (first.status, first.first, first.receipt) == (Status.REPORTED, True, None)
    assert first.plan.changes
    assert full.files() == before
    with full.state() as state:
        assert {p.change.key for p in state.proposals()} >= {
            c.key for c in first.plan.changes if not c.derived
        }


def test_the_second_dream_does_what_the_person_confirms(full: Bed) -> None:
    before = full.files()
    full.dream(Mode.ASK, lambda _: True)
    asked: list[Plan] = []

    def decline(plan: Plan) -> bool:
        asked.append(plan)
        return False

    declined = full.dream(Mode.ASK, decline)
    assert (declined.status, full.files()) == (Status.DECLINED, before)
    assert asked == [declined.plan]
    assert full.dream(Mode.ASK).status is Status.REPORTED
    assert full.files() == before
    assert full.dream(Mode.ASK, lambda _: True).status is Status.APPLIED
    assert full.files() != before


def test_an_unattended_dream_applies_and_the_next_changes_nothing(full: Bed) -> None:
    done = full.dream()
    assert (done.status, done.first) == (Status.APPLIED, True)
    after = full.files()
    assert after == {
        path: data for path, data in {**FILES_BYTES, **(done.after or {})}.items() if data is not None
    }
    again = full.dream()
    assert (again.status, again.plan.changes, again.first) == (Status.NOTHING, (), False)
    assert full.files() == after


FILES_BYTES: dict[str, bytes | None] = {name: text.encode() for name, text in FILES.items()}


def test_a_preview_writes_nothing(full: Bed) -> None:
    shown = full.dream(Mode.PREVIEW)
    assert shown.status is Status.PREVIEW
    assert shown.plan.changes
    assert full.files() == FILES_BYTES
    assert [path.name for path in full.home.iterdir()] == ["memory"]
    full.dream(Mode.ASK)
    state = {p: p.read_bytes() for p in full.home.rglob("*.db")}
    assert state
    assert full.dream(Mode.PREVIEW).plan.changes == shown.plan.changes
    assert {p: p.read_bytes() for p in full.home.rglob("*.db")} == state


def test_the_same_bytes_give_the_same_plan(full: Bed, bed: MakeBed) -> None:
    one, two = full.dream(Mode.PREVIEW).plan, full.dream(Mode.PREVIEW).plan
    assert one == two
    applied = full.dream().plan
    assert applied == one
    elsewhere = bed(dict(reversed(FILES.items()))).dream(Mode.PREVIEW).plan
    assert elsewhere.changes == one.changes


# --- undo ---


def test_undo_of_everything_gives_back_every_byte(full: Bed) -> None:
    full.dream()
    full.configure("conflicts: keep-newer")
    full.dream()
    assert full.files() != FILES_BYTES
    full.kairos.undo(full.root, everything=True)
    assert full.files() == FILES_BYTES


def test_undo_can_be_undone(full: Bed) -> None:
    full.dream()
    after = full.files()
    undone = full.kairos.undo(full.root, everything=True)
    assert full.files() == FILES_BYTES
    full.kairos.undo(full.root, transaction=undone.transaction)
    assert full.files() == after


def test_undo_without_a_choice_takes_the_last_that_holds(full: Bed) -> None:
    full.dream()
    full.kairos.undo(full.root)
    assert full.files() == FILES_BYTES


def test_one_change_is_undone_and_not_done_again(full: Bed) -> None:
    done = full.dream()
    after = full.files()
    key = one(done.plan, ChangeKind.PRUNE)
    full.kairos.undo(full.root, change=key)
    assert full.text("guest.md") == FILES["guest.md"]
    assert "](guest.md)" in full.text("MEMORY.md")
    assert full.text("ship.md").encode() == after["ship.md"]
    again = full.dream()
    assert full.text("guest.md") == FILES["guest.md"]
    assert "undone before" in "".join(skip.reason for skip in again.skipped if "guest.md" in skip.what)
    assert any(f"kairos approve {key}" in skip.advice for skip in again.skipped)
    assert full.dream().plan.changes == ()
    full.kairos.approve(key)
    assert not (full.root / "guest.md").exists()


# --- merging ---


def test_exact_duplicates_become_one_with_a_witness(full: Bed) -> None:
    done = full.dream()
    (merge,) = [change for change in done.plan.changes if change.kind is ChangeKind.MERGE]
    assert merge.witness is not None
    assert merge.witness.place.text == merge.subject.text == f"- {TWICE}"
    assert merge.witness.place.file != merge.subject.file
    assert merge.witness.covers == ((TWICE, TWICE),)
    assert (
        "".join(text.decode() for name, text in full.files().items() if "conflicts" not in name).count(TWICE)
        == 1
    )
    assert full.text("notes.md").endswith(FILLER)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The staging API listens on port 8080.", "The staging API listens on port 9090."),
        ("We deploy on Fridays.", "We do not deploy on Fridays."),
        ("Run the checks with `make lint`.", "Run the checks with `make test`."),
        ("The client uses Python 3.11.", "The client uses Python 3.12."),
        ("Anna reviews the billing changes.", "Marta reviews the billing changes."),
        ("The export takes 30 seconds.", "The export takes 30 minutes."),
        ("The report goes out on 2026-05-01.", "The report goes out on 2026-06-01."),
    ],
)
def test_what_differs_in_a_value_is_never_merged(bed: MakeBed, a: str, b: str) -> None:
    made = bed(
        {
            "MEMORY.md": "# Memory\n",
            "a.md": f"# A\n\n- {a}\n{FILLER}",
            "b.md": f"# B\n\n- {b}\n- Tea is free.\n",
        }
    )
    done = made.dream()
    assert ChangeKind.MERGE not in kinds(done.plan)
    assert not [c for c in done.plan.proposals if c.kind is ChangeKind.MERGE]
    assert f"- {a}\n" in made.text("a.md")
    assert f"- {b}\n" in made.text("b.md")


def fact(name: str, body: str, head: str = "type: project") -> str:
    return f"---\nname: {name}\ndescription: how requests are throttled\n{head}\n---\n\n{body}"


def test_what_only_the_dropped_note_says_is_carried_over_word_for_word(bed: MakeBed) -> None:
    said = "Requests to the partner API are throttled by a token bucket.\n"
    why = "**Why:** the partner blocked us twice last winter.\n"
    how = "**How to apply:** go through the throttle module, never call directly.\n"
    made = bed(
        {
            "MEMORY.md": "# Memory\n\n- [One](one.md) — throttling\n- [Two](two.md) — throttling\n",
            "one.md": fact("one", f"{said}\n{why}"),
            "two.md": fact("two", f"{said}\n{how}"),
            "more.md": f"# More\n\n{FILLER}",
        }
    )
    made.dream()
    left = made.files()
    assert len({"one.md", "two.md"} & set(left)) == 1
    text = "".join(data.decode() for data in left.values())
    assert text.count(said) == text.count(why) == text.count(how) == 1
    index = left["MEMORY.md"].decode()
    assert ("one.md" in index, "two.md" in index) == ("one.md" in left, "two.md" in left)
    assert made.dream().plan.changes == ()
    made.kairos.undo(made.root, everything=True)
    assert "one.md" in made.files() and "two.md" in made.files()  # noqa: PT018


def test_of_byte_identical_twins_the_one_that_the_index_names_stays(bed: MakeBed) -> None:
    text = f"# Throttling\n\n{FILLER}"
    made = bed(
        {"MEMORY.md": "# Memory\n\n- [T](throttling.md) — t\n", "throttling.md": text, "copy.md": text}
    )
    made.dream()
    assert set(made.files()) == {"MEMORY.md", "throttling.md"}
    assert made.dream().plan.changes == ()


def test_a_twin_from_a_tool_waits_and_goes_when_it_is_approved(bed: MakeBed) -> None:
    text = f"---\nsource: web page\n---\n\n# Throttling\n\n{FILLER}"
    made = bed({"MEMORY.md": "# Memory\n\n- [T](a.md) — t\n- [B](bb.md) — b\n", "a.md": text, "bb.md": text})
    before = made.files()
    plan = made.dream().plan
    (proposal,) = plan.proposals
    assert (plan.changes, made.files()) == ((), before)
    assert proposal.subject.file == "bb.md"
    made.kairos.approve(proposal.key)
    assert set(made.files()) == {"MEMORY.md", "a.md"}
    assert made.dream().plan.changes == ()
    made.kairos.undo(made.root, everything=True)
    assert made.files() == before


def test_files_that_become_twins_wait_as_well(bed: MakeBed) -> None:
    """What a plan makes byte-identical is no way round the trust gate either, neither in it nor after it."""
    rest = f"# Throttling\n\n{FILLER}"
    made = bed({"MEMORY.md": "# Memory\n", "a.md": rest, "bb.md": f"{rest}- ~~The wiki runs on port 80.~~\n"})
    made.configure("limits: {max_removed_fraction: 1.0, min_age_days: 30}")
    made.dream()
    assert made.text("bb.md") == made.text("a.md") == rest
    later = made.dream().plan
    assert later.changes == ()
    assert [change.subject.file for change in later.proposals] == ["bb.md"]


def test_twins_that_have_both_expired_go_at_once(bed: MakeBed) -> None:
    expired = (
        "---\nexpires: 2026-01-31\n---\n\n# Guests\n\n- Guests log in at the desk.\n- Guests wear a badge.\n"
    )
    made = bed(
        {"MEMORY.md": "# Memory\n", "a.md": expired, "bb.md": expired, "more.md": f"# More\n\n{FILLER}"}
    )
    made.configure("limits: {max_removed_fraction: 1.0}")
    made.dream()
    assert set(made.files()) == {"MEMORY.md", "more.md"}
    assert made.dream().plan.changes == ()


def test_a_stale_entry_of_twins_goes_at_once(bed: MakeBed) -> None:
    text = f"# Desk\n\n- ~~The wiki runs on port 80.~~\n{FILLER}"
    made = bed({"MEMORY.md": "# Memory\n", "a.md": text, "bb.md": text})
    made.configure("limits: {max_removed_fraction: 1.0}")
    before = made.files()
    done = made.dream()
    assert set(made.files()) == {"MEMORY.md", "a.md"}
    assert made.text("a.md") == f"# Desk\n\n{FILLER}"
    assert made.dream().plan.changes == ()
    (twin,) = [change for change in done.plan.changes if change.kind is ChangeKind.MERGE]
    made.kairos.undo(made.root, change=twin.key)
    assert made.text("bb.md") == made.text("a.md")
    made.kairos.undo(made.root, everything=True)
    assert made.files() == before


def test_entries_that_are_reworded_wait_or_merge_but_never_vanish(bed: MakeBed) -> None:
    made = bed(
        {
            "MEMORY.md": "# Memory\n",
            "a.md": f"# A\n\n- All timestamps are stored in UTC.\n{FILLER}",
            "b.md": "# B\n\n- Timestamps are always stored in UTC.\n- Tea is free.\n",
        }
    )
    made.dream()
    text = "".join(data.decode() for data in made.files().values())
    assert "stored in UTC" in text


# --- pruning ---


def test_an_expired_note_goes_with_its_pointer(full: Bed) -> None:
    done = full.dream()
    assert not (full.root / "guest.md").exists()
    assert "guest" not in full.text("MEMORY.md")
    assert done.receipt is not None
    assert "guest.md" in done.receipt.removed


@pytest.mark.parametrize(
    "head", ["type: user", "type: feedback", "metadata:\n  type: feedback", "pinned: true"]
)
def test_a_protected_note_is_only_proposed(bed: MakeBed, head: str) -> None:
    text = f"---\nname: guest\ndescription: guest login\nexpires: 2026-01-31\n{head}\n---\n\nGuests log in.\n"
    made = bed({"MEMORY.md": FILES["MEMORY.md"], "guest.md": text, "ship.md": f"# S\n\n{FILLER}"})
    done = made.dream()
    assert made.text("guest.md") == text
    (proposal,) = done.plan.proposals
    assert (proposal.kind, proposal.subject.file) == (ChangeKind.PRUNE, "guest.md")
    approved = made.kairos.approve(proposal.key[:8])
    assert not (made.root / "guest.md").exists()
    assert "guest.md" not in made.text("MEMORY.md")
    assert made.dream().plan.changes == ()
    assert approved.receipt is not None
    made.kairos.undo(made.root, transaction=approved.receipt.transaction)
    assert made.text("guest.md") == text


def test_a_rejected_proposal_never_comes_back(bed: MakeBed) -> None:
    text = FILES["guest.md"].replace("name: guest", "name: guest\ntype: user")
    made = bed({"MEMORY.md": FILES["MEMORY.md"], "guest.md": text, "ship.md": f"# S\n\n{FILLER}"})
    (proposal,) = made.dream().plan.proposals
    made.kairos.reject(proposal.key)
    assert made.dream().plan.proposals == ()
    assert made.text("guest.md") == text
    with made.state() as state:
        assert state.proposals() == ()
    with pytest.raises(UsageError, match="no proposal"):
        made.kairos.reject("nonsense")


def test_a_plan_that_removes_too_much_waits(bed: MakeBed) -> None:
    expired = {f"guest{n}.md": FILES["guest.md"] for n in range(1)}
    expired |= {
        f"old{n}.md": f"---\nexpires: 2026-01-0{n}\n---\n\nRoom {n} is closed.\n" for n in range(1, 5)
    }
    made = bed({"MEMORY.md": "# Memory\n", "ship.md": f"# S\n\n- {TWICE}\n", **expired})
    done = made.dream()
    assert set(made.files()) >= set(expired)
    assert {p.subject.file for p in done.plan.proposals} == set(expired)
    assert any("max_removed_fraction" in skip.reason for skip in done.skipped)
    made.configure("limits: {max_removed_fraction: 1.0}")
    made.dream()
    assert not set(made.files()) & set(expired)
    assert made.dream().plan.changes == ()


# --- after a crash ---


def left_in_the_air(made: Bed) -> str:
    """Leave what a crash leaves of a note that somebody saved in the instant in which Kairos replaced it."""
    mark = sha256(b"ship.md").hexdigest()[:8]
    made.write(f".kairos-{mark}00000000.old", "- Written in that very instant.\n")
    return "ship.md"


@pytest.mark.parametrize("mode", [Mode.ASK, Mode.UNATTENDED])
def test_what_recovery_had_to_leave_alone_is_in_the_report_and_in_the_status(full: Bed, mode: Mode) -> None:
    name = left_in_the_air(full)
    done = full.dream(mode)
    assert [skip.what for skip in done.skipped].count(name) == 1
    with full.state() as state:
        (dream,) = state.dreams(full.root)
    (skip,) = [skip for skip in dream.skipped if skip.what == name]
    assert "gzip" in skip.advice
    assert not [skip for skip in full.dream(mode).skipped if skip.what == name]  # it is told once


def test_a_dream_that_fails_tells_what_recovery_had_to_leave_alone(full: Bed) -> None:
    def meddle(_plan: Plan) -> bool:
        for name in full.files():
            full.write(name, full.text(name) + "- One more.\n")
        return True

    full.dream()
    full.write("copy.md", f"# Copy\n\n- {TWICE}\n- {OLD}\n")
    left_in_the_air(full)
    with pytest.raises(ChangedError, match=r"ship\.md: Somebody wrote it in the instant"):
        full.dream(Mode.ASK, meddle)


# --- conflicts ---


def flagged(made: Bed) -> str:
    (conflict,) = made.dream().plan.conflicts
    return conflict.id


def test_a_conflict_is_shown_to_the_agent_and_not_touched(full: Bed) -> None:
    conflict = flagged(full)
    note = full.text("kairos-conflicts.md")
    assert OLD in note
    assert NEW in note
    assert "](kairos-conflicts.md)" in full.text("MEMORY.md")
    assert OLD in full.text("ship.md")
    assert NEW in full.text("notes.md")
    with full.state() as state:
        (record,) = state.conflicts()
    assert record.conflict.id == conflict


@pytest.mark.parametrize("keep", ["a", "b"])
def test_a_resolved_conflict_leaves_one_side_and_no_note(full: Bed, keep: str) -> None:
    conflict = flagged(full)
    with full.state() as state:
        (record,) = state.conflicts()
    a, b = record.conflict.a.text, record.conflict.b.text
    before = full.files()
    resolved = full.kairos.resolve(conflict, "a" if keep == "a" else "b")
    text = "".join(data.decode() for data in full.files().values())
    kept, lost = (a, b) if keep == "a" else (b, a)
    assert kept in text
    assert lost not in text
    assert "kairos-conflicts" not in text
    assert not (full.root / "kairos-conflicts.md").exists()
    again = full.dream()
    assert (again.plan.changes, again.plan.conflicts) == ((), ())
    assert resolved is not None
    assert resolved.receipt is not None
    full.kairos.undo(full.root, transaction=resolved.receipt.transaction)
    assert full.files() == before
    with pytest.raises(UsageError, match="no open conflict"):
        full.kairos.resolve("nonsense", "a")
    assert flagged(full) == conflict  # taken back, it is open again from the next dream on
    assert full.kairos.resolve(conflict, "a" if keep == "b" else "b") is not None


def test_keeping_both_is_remembered(full: Bed) -> None:
    conflict = flagged(full)
    full.kairos.resolve(conflict, "both")
    assert OLD in full.text("ship.md")
    assert NEW in full.text("notes.md")
    assert "kairos-conflicts" not in full.text("MEMORY.md")
    assert not (full.root / "kairos-conflicts.md").exists()
    again = full.dream()
    assert (again.plan.changes, again.plan.conflicts) == ((), ())


def test_with_keep_newer_the_older_side_goes(full: Bed) -> None:
    full.configure("conflicts: keep-newer")
    done = full.dream()
    assert ChangeKind.RESOLVE in kinds(done.plan)
    text = "".join(data.decode() for data in full.files().values())
    assert NEW in text
    assert f"- {OLD}" not in text
    assert done.plan.conflicts == ()
    assert full.dream().plan.changes == ()
    full.kairos.undo(full.root, everything=True)
    assert full.files() == FILES_BYTES


def test_without_the_managed_note_conflicts_stand_in_the_report_only(full: Bed) -> None:
    full.configure("conflicts_note: false")
    assert len(full.dream().plan.conflicts) == 1
    assert not (full.root / "kairos-conflicts.md").exists()
    assert full.dream().plan.changes == ()


def test_a_conflict_that_no_longer_holds_is_not_resolved(full: Bed) -> None:
    conflict = flagged(full)
    full.write("ship.md", "# Shipping\n\n- Tea is free.\n")
    before = full.files()
    with pytest.raises(ChangedError, match="no longer holds"):
        full.kairos.resolve(conflict, "a")
    assert full.files() == before


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


def test_pointers_to_nothing_go_and_unnamed_notes_get_one(bed: MakeBed) -> None:
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


def test_an_agent_that_writes_in_between_wins(full: Bed) -> None:
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


def test_an_agent_that_never_rests_is_left_alone(full: Bed) -> None:
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

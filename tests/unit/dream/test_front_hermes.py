"""A dream over a memory of Hermes leaves files that Hermes reads as its own, and nothing else there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.core.markdown.sections import length, round_trips
from kairos.core.root.conflicts_note import CONFLICTS_NOTE, conflicts_note
from kairos.dream import Mode, Status
from kairos.model import ChangeKind

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]


pytestmark = pytest.mark.model

TWICE = "The router in the cellar is restarted every Sunday at noon."
ENDED = "Until 2026-01-31 the heating is set by hand."
DONE = "- [x] Renew the domain by 2026-01-02."
CODE = "Run the tests like this:\n\n```\nmake test\n```\n\n- with two workers"
FACTS = (
    "Tea is in the attic.",
    CODE,
    "The office printer is called Halcyon and needs A4 paper.",
    "Logs are rotated weekly by logrotate.",
    "The build cache lives in /var/cache/build.",
    "Backups go to the bucket seedbank-backups.",
    "The garden gate opens with the green key.",
)
USER = ("The user is called Jonas and lives in Graz.", "Jonas is allergic to peanuts.")


def joined(*entries: str) -> str:
    return "\n§\n".join(entries)


def hermes(bed: MakeBed, files: Mapping[str, str | bytes], settings: str = "") -> Bed:
    made = bed(files)
    made.configure(f"roots: [{{path: {made.root}, layout: hermes}}]\n{settings}")
    return made


def notes(made: Bed) -> dict[str, bytes]:
    return {path: data for path, data in made.files().items() if not path.endswith(".lock")}


def test_duplicates_are_merged_and_what_is_stale_goes(bed: MakeBed) -> None:
    made = hermes(
        bed, {"MEMORY.md": joined(DONE, TWICE, *FACTS, ENDED, TWICE), "USER.md": joined(*USER, USER[0])}
    )
    before = notes(made)
    done = made.dream()
    assert done.receipt is not None
    assert made.text("MEMORY.md") == joined(TWICE, *FACTS)
    assert made.text("USER.md") == joined(*USER)
    assert sorted(made.files()) == ["MEMORY.md", "MEMORY.md.lock", "USER.md", "USER.md.lock"]
    assert made.dream().status is Status.NOTHING
    made.kairos.undo(made.root, transaction=done.receipt.transaction)
    assert notes(made) == before


def test_each_change_has_its_own_undo(bed: MakeBed) -> None:
    made = hermes(bed, {"MEMORY.md": joined(*FACTS, ENDED, DONE)})
    done = made.dream()
    assert made.text("MEMORY.md") == joined(*FACTS)
    keys = {change.subject.text: change.key for change in done.plan.changes}
    made.kairos.undo(made.root, change=keys[DONE])
    assert made.text("MEMORY.md") == joined(*FACTS, DONE)
    made.kairos.undo(made.root, change=keys[ENDED])
    assert made.text("MEMORY.md") == joined(*FACTS, ENDED, DONE)
    assert made.dream().plan.changes == ()


def test_an_undo_goes_around_what_hermes_has_added_since(bed: MakeBed) -> None:
    made = hermes(bed, {"MEMORY.md": joined(*FACTS, ENDED)})
    done = made.dream()
    assert done.receipt is not None
    made.write("MEMORY.md", joined(*FACTS, "The cat is called Mo."))
    made.kairos.undo(made.root, transaction=done.receipt.transaction)
    assert made.text("MEMORY.md") == joined(*FACTS, ENDED, "The cat is called Mo.")


def test_a_file_that_lost_every_entry_is_empty_as_hermes_leaves_it(bed: MakeBed) -> None:
    made = hermes(
        bed,
        {"MEMORY.md": joined(ENDED, DONE), "USER.md": joined(*USER)},
        "limits: {max_removed_fraction: 1}\n",
    )
    done = made.dream()
    assert done.receipt is not None
    assert notes(made) == {"MEMORY.md": b"", "USER.md": joined(*USER).encode()}
    made.kairos.undo(made.root, change=done.plan.changes[0].key)
    made.kairos.undo(made.root, change=done.plan.changes[1].key)
    assert made.text("MEMORY.md") == joined(ENDED, DONE)


def test_the_profile_and_the_memory_are_two_purposes(bed: MakeBed) -> None:
    made = hermes(bed, {"MEMORY.md": joined(*FACTS, TWICE), "USER.md": joined(*USER, TWICE)})
    before = notes(made)
    outcome = made.dream()
    assert outcome.plan.changes == outcome.plan.proposals == ()
    assert notes(made) == before


def test_equal_files_are_no_twins(bed: MakeBed) -> None:
    made = hermes(bed, dict.fromkeys(("MEMORY.md", "USER.md"), joined(*FACTS)))
    outcome = made.dream()
    assert outcome.plan.changes == outcome.plan.proposals == ()


def test_what_the_profile_says_of_the_user_is_removed_only_by_a_person(bed: MakeBed) -> None:
    made = hermes(bed, {"USER.md": joined(*USER, ENDED), "MEMORY.md": joined(*FACTS)})
    (waiting,) = made.dream().plan.proposals
    assert (waiting.kind, waiting.subject.text) == (ChangeKind.PRUNE, ENDED)
    made.kairos.approve(waiting.key)
    assert made.text("USER.md") == joined(*USER)


def test_contradictions_are_flagged_but_written_nowhere(bed: MakeBed) -> None:
    made = hermes(
        bed,
        {
            "MEMORY.md": joined(
                "The staging database listens on port 5433.",
                *FACTS,
                "The staging database listens on port 5434.",
            ),
            "USER.md": joined(*USER),
        },
    )
    before = made.files()
    outcome = made.dream()
    (conflict,) = outcome.plan.conflicts
    assert {conflict.a.line, conflict.b.line} == {1, 23}
    assert made.files() == before
    made.kairos.resolve(conflict.id, "a")
    assert round_trips(made.files()["MEMORY.md"])
    assert made.text("MEMORY.md").count("The staging database") == 1


def test_a_note_of_the_conflicts_from_before_goes(bed: MakeBed) -> None:
    made = hermes(bed, {"MEMORY.md": joined(*FACTS), CONFLICTS_NOTE: conflicts_note(())})
    made.dream()
    assert CONFLICTS_NOTE not in made.files()


@pytest.mark.parametrize("room", [0, 500])
def test_a_date_is_made_absolute_only_where_there_is_room(bed: MakeBed, room: int) -> None:
    dated = "2026-02-09 – the import ran for hours and failed since the disk was full, so Mia repairs it tomorrow."
    facts = joined(*FACTS, dated)
    filler = "x" * (2_200 - room - len(facts) - 3)
    made = hermes(bed, {"MEMORY.md": joined(filler, facts)})
    outcome = made.dream()
    after = made.files()["MEMORY.md"]
    assert (b"repairs it tomorrow" in after) is (room == 0)
    assert length(after) <= 2_200
    assert [skip.what for skip in outcome.skipped] == (["MEMORY.md:23"] if room == 0 else [])
    assert made.dream().plan.changes == ()


def test_what_hermes_refuses_to_edit_is_left_alone(bed: MakeBed) -> None:
    made = hermes(
        bed, {"MEMORY.md": joined(*FACTS, f"\n{TWICE}", TWICE, ENDED), "USER.md": joined(*USER, USER[1])}
    )
    outcome = made.dream()
    (skip,) = outcome.skipped
    assert skip.what == "MEMORY.md"
    assert "Hermes itself refuses" in skip.reason
    assert made.text("USER.md") == joined(*USER)
    assert outcome.receipt is not None
    assert outcome.receipt.written == ("USER.md",)


def test_other_files_there_are_not_read(bed: MakeBed) -> None:
    made = hermes(
        bed, {"MEMORY.md": joined(*FACTS), "notes.md": f"- {TWICE}\n- {TWICE}\n", "MEMORY.md.bak.1": TWICE}
    )
    before = made.files()
    assert made.dream().plan.changes == ()
    assert made.files() == before


def test_what_is_edited_there_is_told_once(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": joined(*FACTS)})
    made.root = made.root.rename(made.home / "memories")
    (notice,) = made.dream(Mode.PREVIEW).notices
    assert "the memory of Hermes, in which only `MEMORY.md` and `USER.md` are edited" in notice
    assert notice in made.dream().notices
    assert notice not in made.dream().notices


def test_files_of_hermes_elsewhere_are_left_alone_and_the_layout_is_named(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": joined(*FACTS, TWICE, TWICE), "tea.md": "- Tea is in the attic.\n"})
    (skip,) = made.dream().skipped
    assert skip.what == "MEMORY.md"
    assert "this layout is plain" in skip.reason
    assert "`layout: hermes`" in skip.advice


def test_contradictions_between_the_two_files_are_flagged(bed: MakeBed) -> None:
    made = hermes(
        bed,
        {
            "MEMORY.md": joined(*FACTS, "The user's birthday party starts at 18:30 on Saturday."),
            "USER.md": joined(*USER, "The user's birthday party starts at 19:00 on Saturday."),
        },
    )
    (conflict,) = made.dream().plan.conflicts
    assert {conflict.a.file, conflict.b.file} == {"MEMORY.md", "USER.md"}

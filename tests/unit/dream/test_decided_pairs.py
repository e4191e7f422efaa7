"""What a person decided about two texts holds whichever of them would stay, and until one of them changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.core.markdown.plain_text import digest
from kairos.core.text.keys import content_key
from kairos.dream import Mode, Status
from kairos.model import Change, ChangeKind
from kairos.store.records import Verdict

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

SAME = "- Squash fixup commits before the review.\n"
COMMITS = (
    f"# Commits\n\n- Subjects stay under sixty characters.\n{SAME}- Tags are signed by the release bot.\n"
)
REVIEW = f"# Review\n\n{SAME}- Two people look at every migration.\n- Screenshots go into the ticket.\n"
NEWER = pytest.mark.parametrize("newer", ["commits.md", "review.md"])


def made(bed: MakeBed, review: str = REVIEW) -> Bed:
    found = bed({"commits.md": COMMITS, "review.md": review})
    for name in ("commits.md", "review.md"):
        os.utime(found.root / name, (1_000_000_000, 1_000_000_000))
    return found


def touch(bed: Bed, name: str) -> None:
    """Make a note newer than the other, so that it is the one that stays."""
    for each, at in {"commits.md": 1_000_000_000, "review.md": 1_000_000_000, name: 1_100_000_000}.items():
        os.utime(bed.root / each, (at, at))


def merge_of(bed: Bed) -> Change:
    """Return the merge that a dream would make or propose."""
    plan = bed.dream(Mode.PREVIEW).plan
    (found,) = [c for c in (*plan.changes, *plan.proposals) if c.kind is ChangeKind.MERGE]
    return found


def undo_all(bed: Bed) -> None:
    assert bed.dream().status is Status.APPLIED
    bed.kairos.undo(bed.root, everything=True)


def undo_key(bed: Bed) -> None:
    key = merge_of(bed).key
    assert bed.dream().status is Status.APPLIED
    bed.kairos.undo(bed.root, change=key)


def reject(bed: Bed) -> None:
    bed.dream(Mode.ASK)
    bed.kairos.reject(merge_of(bed).key)


def assert_left(bed: Bed, key: str) -> None:
    """Dreams neither merge nor propose anything, and say by which key it can be had after all."""
    before = bed.files()
    dreamt = bed.dream()
    assert bed.files() == before
    assert not [c for c in (*dreamt.plan.changes, *dreamt.plan.proposals) if c.kind is ChangeKind.MERGE]
    assert [skip.advice for skip in dreamt.plan.skipped] == [f"To apply it anyway: `kairos approve {key}`."]


@NEWER
@pytest.mark.parametrize("decide", [undo_all, undo_key, reject])
def test_a_decision_holds_whichever_text_would_stay(
    bed: MakeBed, newer: str, decide: Callable[[Bed], None]
) -> None:
    notes = made(bed)
    touch(notes, newer)
    key = merge_of(notes).key
    decide(notes)
    assert_left(notes, key)
    for name in ("commits.md", "review.md"):
        touch(notes, name)
        assert_left(notes, key)
    for name in ("commits.md", "review.md"):
        notes.write(name, notes.text(name) + f"- Reported by {name.removesuffix('.md')} only.\n")
        touch(notes, name)
        assert_left(notes, key)


@NEWER
@pytest.mark.parametrize("kept", ["commits.md", "review.md"])
@pytest.mark.parametrize("verdict", [Verdict.UNDONE, Verdict.REJECTED])
def test_a_decision_under_a_key_of_former_versions_holds(
    bed: MakeBed, newer: str, kept: str, verdict: Verdict
) -> None:
    notes = made(bed)
    touch(notes, newer)
    key = former_key(kept)
    with notes.state() as state:
        state.decide(notes.root, key, verdict, at=notes.kairos.now)
    assert_left(notes, key)
    notes.kairos.approve(key)
    assert notes.text("commits.md").count(SAME) + notes.text("review.md").count(SAME) == 1
    notes.kairos.undo(notes.root)
    assert_left(notes, key)


def former_key(kept: str) -> str:
    """Return the key that a merge into `kept` had before keys were independent of its direction."""
    (dropped,) = {"commits.md", "review.md"} - {kept}
    return content_key("merge", dropped, digest(SAME), kept, digest(SAME))


@NEWER
def test_a_proposal_is_found_by_its_key_whichever_text_stays_by_now(bed: MakeBed, newer: str) -> None:
    notes = made(bed)
    notes.dream(Mode.ASK)
    key = merge_of(notes).key
    touch(notes, newer)
    assert notes.kairos.approve(key).status is Status.APPLIED
    assert SAME in notes.text(newer)
    assert notes.text("commits.md").count(SAME) + notes.text("review.md").count(SAME) == 1


@pytest.mark.parametrize("decide", [undo_all, undo_key, reject])
def test_a_text_that_changed_is_considered_anew(bed: MakeBed, decide: Callable[[Bed], None]) -> None:
    notes = made(bed)
    decide(notes)
    for name in ("commits.md", "review.md"):
        notes.write(name, notes.text(name).replace(SAME, SAME.replace("review.", "final review.")))
    assert merge_of(notes).key in {change.key for change in notes.dream().plan.changes}


@pytest.mark.parametrize("decide", [undo_all, undo_key, reject])
def test_a_decision_about_two_identical_notes_holds_whichever_would_stay(
    bed: MakeBed, decide: Callable[[Bed], None]
) -> None:
    notes = made(bed, COMMITS)
    key = merge_of(notes).key
    decide(notes)
    for name in ("commits.md", "review.md"):
        touch(notes, name)
        assert_left(notes, key)


@pytest.mark.parametrize("decide", [undo_all, undo_key, reject])
def test_two_texts_that_are_to_stay_are_not_merged_through_a_third(
    bed: MakeBed, decide: Callable[[Bed], None]
) -> None:
    notes = made(bed)
    decide(notes)
    notes.write("habits.md", f"# Habits\n\n- Lunch is at noon.\n- The door code is on the fridge.\n{SAME}")
    touch(notes, "commits.md")  # habits.md is the newest
    dreamt = notes.dream()
    left = [name for name in ("commits.md", "review.md") if SAME in notes.text(name)]
    assert len(left) == 1
    assert SAME in notes.text("habits.md")
    (proposal,) = dreamt.plan.proposals
    assert proposal.subject.file == left[0]
    assert proposal.evidence[-1].text == "you undid or rejected an earlier merge of it into another entry"
    assert not notes.dream().plan.changes
    assert notes.kairos.approve(proposal.key).status is Status.APPLIED
    assert SAME not in notes.text(left[0])

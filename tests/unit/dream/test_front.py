"""The front door over real directories and with the real model: the invariants of the design hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest

from kairos.dream import Mode, Status, applier
from kairos.dream.analyser import Analyser
from kairos.dream.analysis import Analysis
from kairos.ml.cache import CachedEncoder
from kairos.ml.opinion_cache import CachedJudge
from kairos.model import ChangeKind, Plan
from tests.unit.dream.notes import FILES, FILES_BYTES, FILLER, TWICE, fact, kinds, one

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]


pytestmark = pytest.mark.model

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


def test_a_dream_is_recorded_completely_or_not_at_all(full: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    full.dream(Mode.ASK)
    before = recorded_state(full)

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    full.write("a.md", "- Milk is out.\n")
    with monkeypatch.context() as patch:
        patch.setattr(applier, "remember", fails)
        with pytest.raises(ZeroDivisionError):
            full.dream(Mode.ASK)
    assert recorded_state(full) == before
    full.dream(Mode.ASK)
    assert recorded_state(full) != before


def recorded_state(bed: Bed) -> tuple[object, ...]:
    """Return everything that the state records about a root."""
    with bed.state() as state:
        return state.dreams(bed.root), state.proposals(bed.root), state.conflicts(bed.root)


def test_the_last_thought_is_held_only_until_the_next_dream(
    full: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    thoughts: list[ref[Analysis]] = []
    analyse = Analyser.analyse

    def recording(*args: Any, **how: Any) -> Analysis:
        analysis = analyse(*args, **how)
        thoughts.append(ref(analysis))
        return analysis

    monkeypatch.setattr(Analyser, "analyse", recording)
    full.dream()
    assert [analysis() is None for analysis in thoughts] == [False]
    full.dream()
    assert [analysis() is None for analysis in thoughts] == [True, False]


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


def test_undo_without_a_choice_undoes_the_last_transaction_in_force(full: Bed) -> None:
    full.dream()
    full.kairos.undo(full.root)
    assert full.files() == FILES_BYTES


def test_a_restored_note_is_not_merged_again_until_it_changes(bed: MakeBed) -> None:
    files = {f"{name}.md": f"# {name.title()}\n\n- {TWICE}\n" for name in ("a", "b", "c")}
    made = bed({**files, "other.md": f"# Other\n\n{FILLER}"})
    assert made.dream().status is Status.APPLIED
    (kept,) = [name for name in files if (made.root / name).exists()]
    made.kairos.undo(made.root, everything=True)
    made.write(kept, "# Mended\n\n- The lift has a new rope.\n")
    left = [name for name in files if name != kept]
    again = made.dream()
    assert [made.text(name) for name in left] == [files[name] for name in left]
    (proposal,) = again.plan.proposals
    assert "you undid or rejected an earlier merge of it" in proposal.evidence[-1].text
    assert made.dream().plan.changes == ()
    made.kairos.approve(proposal.key)
    assert [(made.root / name).exists() for name in left].count(True) == 1


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
def test_entries_that_differ_in_a_value_are_never_merged(bed: MakeBed, a: str, b: str) -> None:
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


def test_text_that_only_the_dropped_note_has_is_carried_over_verbatim(bed: MakeBed) -> None:
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


def test_the_twin_that_the_index_names_survives(bed: MakeBed) -> None:
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


@pytest.mark.parametrize("aside", ["notes", "legacy"])
def test_twins_in_two_directories_wait_as_a_whole(bed: MakeBed, aside: str) -> None:
    text = f"# Throttling\n\n{FILLER}\nA paragraph tells why the exports are throttled at noon.\n"
    made = bed({"MEMORY.md": "# Memory\n", "memory/a.md": text, f"memory/{aside}/a.md": text})
    made.configure("limits: {max_removed_fraction: 1.0}")
    plan = made.dream().plan
    assert not [change for change in plan.changes if change.kind is ChangeKind.MERGE]
    (proposal,) = plan.proposals
    assert proposal.subject.file == f"memory/{aside}/a.md"
    assert made.text("memory/a.md") == made.text(f"memory/{aside}/a.md") == text
    made.kairos.reject(proposal.key)
    assert made.dream().plan.proposals == ()
    made.kairos.approve(proposal.key)
    assert f"memory/{aside}/a.md" not in made.files()
    assert made.text("memory/a.md") == text


def test_what_is_over_the_limit_does_not_go_in_the_next_dream_because_copies_are_gone(bed: MakeBed) -> None:
    """Three of nine entries would go, counting the one that only equals another once their copies are gone."""
    lines = [
        "2026-02-09 - Ida fetches it tomorrow.",
        "Spare wheels hang on the north wall.",
        "~~The gate code was 8411.~~",
        "paint: white/grey/blue",
        "~~The gate code was 8411.~~",
        "paint: white/grey/blue",
        "~~The gate code was 8411.~~ Really.",
        "paint: white/grey/blue.",
        "The ladder belongs to the neighbours.",
    ]
    made = bed({"MEMORY.md": "".join(f"- {line}\n" for line in lines)})
    made.dream()
    once = made.files()
    assert made.dream().plan.changes == ()
    assert made.files() == once


def test_files_that_a_plan_makes_identical_wait_as_well(bed: MakeBed) -> None:
    """Files that a plan makes byte-identical cannot bypass the trust gate, in that plan or in a later one."""
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
    kept = made.text("a.md"), made.text("b.md")
    done = made.dream()
    merges = [change for change in done.plan.changes if change.kind is ChangeKind.MERGE]
    for merge in merges:
        assert merge.witness is not None
        assert merge.witness.place.text in made.text(merge.witness.place.file)
    assert merges or (made.text("a.md"), made.text("b.md")) == kept


def test_a_large_root_unloads_the_models_and_gets_the_same_plan(
    full: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    unloaded: list[str] = []
    for kind in (CachedEncoder, CachedJudge):
        monkeypatch.setattr(kind, "unload", lambda model: unloaded.append(model.name))
    small = full.dream(Mode.PREVIEW)
    assert unloaded == []
    monkeypatch.setattr("kairos.dream.look._LARGE_ROOT", 1)
    assert full.dream(Mode.PREVIEW).plan == small.plan
    assert set(unloaded) == {"all-MiniLM-L6-v2", "Kairos' judge model"}

"""Plans made from handwritten findings: what is done, what waits, and what is reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from kairos.core.change.effects import gone
from kairos.core.change.foresight import Findings, Foresight
from kairos.core.planning.plan import History, Planner, Settings
from kairos.core.root.reading import Reading
from kairos.core.text.keys import content_key
from kairos.core.verification.verify import violations
from kairos.model import (
    INDEX_BUDGET,
    Action,
    ChangeKind,
    Finding,
    JudgedPair,
    Judgement,
    Plan,
    Relation,
    Side,
)
from tests.light import SameWords

Read = Callable[[Mapping[str, str]], Reading]
TEA = "Tea is free in the office kitchen every day."
FILES = {
    "MEMORY.md": "# Memory\n\n- [A](a.md) — a\n- [B](b.md) — b\n- [Old](old.md) — old\n",
    "a.md": f"# A\n\n- {TEA}\n- The port of the billing service is 8080.\n- Alpha.\n- Beta.\n- Gamma.\n",
    "b.md": f"# B\n\n- {TEA}\n- The port of the billing service is 9090.\n- Delta.\n- Epsilon.\n- Zeta.\n",
    "old.md": "---\nname: old\ndescription: over\n---\n\nThe desk is closed.\n",
}


def judged(
    reading: Reading, position: int, relation: Relation, action: Action, newer: Side | None = None
) -> JudgedPair:
    a, b = reading.notes["a.md"].entries[position], reading.notes["b.md"].entries[position]
    return JudgedPair(a.id, b.id, Judgement(relation, action, 0.9, (), newer))


@pytest.fixture
def planner(read: Read) -> Planner:
    reading = read(FILES)
    findings = Findings(
        pairs=(
            judged(reading, 0, Relation.SAME, Action.MERGE),
            judged(reading, 1, Relation.CONFLICT, Action.FLAG, "b"),
        ),
        stale=(Finding("old.md", None, "it expired", (), waits=""),),
    )
    return Planner(reading, findings, SameWords(), Settings(), History(), date(2026, 3, 2))


def kinds(plan: Plan) -> dict[ChangeKind, str]:
    return {change.kind: change.key for change in plan.changes}


def test_a_plan_is_sound_and_the_same_each_time(planner: Planner) -> None:
    plan = planner.plan()
    assert {ChangeKind.MERGE, ChangeKind.PRUNE, ChangeKind.CONFLICTS, ChangeKind.INDEX} == set(kinds(plan))
    assert violations(plan, planner.reading, INDEX_BUDGET) == ()
    assert planner.plan() == plan
    turned = replace(planner, findings=replace(planner.findings, pairs=planner.findings.pairs[::-1]))
    assert turned.plan().changes == plan.changes
    assert len({change.key for change in plan.changes}) == len(plan.changes)
    assert {"MEMORY.md", "a.md", "b.md", "old.md"} >= set(plan.base)
    assert all(plan.base[path] == planner.reading.sources[path].sha256 for path in plan.base)
    assert plan.entries == len(planner.reading.entries) - 3  # without the pointers


def test_removed_entries_are_found(planner: Planner) -> None:
    plan = planner.plan()
    texts = {planner.reading.entries[id_].text for id_ in gone(plan.changes, planner.reading)}
    assert TEA in texts
    assert "The desk is closed." in texts
    assert "The port of the billing service is 8080." not in texts


@pytest.mark.parametrize("word", ["undone", "rejected"])
def test_refused_changes_are_skipped_and_reported(planner: Planner, word: str) -> None:
    key = kinds(planner.plan())[ChangeKind.PRUNE]
    plan = replace(planner, history=History(refused={key: word})).plan()
    assert ChangeKind.PRUNE not in kinds(plan)
    (skip,) = plan.skipped
    assert (skip.what, skip.reason) == ("old.md:1", f"it expired ({word} before)")
    assert skip.advice == f"To apply it anyway: `kairos approve {key}`."


@pytest.mark.parametrize("position", [0, 1], ids=["verbatim", "reworded"])
@pytest.mark.parametrize("action", [Action.MERGE, Action.ASK])
@pytest.mark.parametrize("later", [Relation.A_CONTAINS_B, Relation.B_CONTAINS_A])
@pytest.mark.parametrize("dropped", ["a", "b"])
@pytest.mark.parametrize("former", [False, True])
def test_a_refused_merge_is_refused_in_both_directions(
    planner: Planner, position: int, action: Action, later: Relation, dropped: str, *, former: bool
) -> None:
    reading = planner.reading

    def plan_of(relation: Relation, history: History) -> Plan:
        pair = judged(reading, position, relation, action)
        return replace(planner, findings=Findings(pairs=(pair,)), history=history).plan()

    entries = {name: reading.notes[f"{name}.md"].entries[position] for name in "ab"}
    (kept,) = set("ab") - {dropped}
    if former:
        key = content_key(
            "merge", f"{dropped}.md", entries[dropped].digest, f"{kept}.md", entries[kept].digest
        )
    else:
        first = plan_of(Relation.A_CONTAINS_B if dropped == "b" else Relation.B_CONTAINS_A, History())
        (key,) = [c.key for c in (*first.changes, *first.proposals) if c.kind is ChangeKind.MERGE]
    plan = plan_of(later, History(refused={key: "undone"}))
    assert not [c for c in (*plan.changes, *plan.proposals) if c.kind is ChangeKind.MERGE]
    advice = [f"To apply it anyway: `kairos approve {key}`."] if action is Action.MERGE else []
    assert [skip.advice for skip in plan.skipped] == advice


def test_a_finding_that_is_also_foreseen_is_proposed_once(planner: Planner) -> None:
    waits = Finding("old.md", None, "it expired", (), waits="not certain")
    found = replace(
        planner,
        findings=replace(planner.findings, stale=(waits,)),
        foreseen=Foresight(stale=(replace(waits, reason="it expired by then"),)),
    )
    assert [change.subject.file for change in found.plan().proposals] == ["old.md"]


def test_only_requested_changes_are_planned(planner: Planner) -> None:
    key = kinds(planner.plan())[ChangeKind.PRUNE]
    plan = planner.plan(only=frozenset({key}))
    assert {change.kind for change in plan.changes if not change.derived} == {ChangeKind.PRUNE}
    assert violations(plan, planner.reading, INDEX_BUDGET) == ()


def test_over_the_limit_only_verbatim_removals_do_not_wait(planner: Planner) -> None:
    plan = replace(planner, settings=Settings(max_removed_fraction=0.0)).plan()
    assert ChangeKind.PRUNE not in kinds(plan)
    assert ChangeKind.MERGE in kinds(plan)  # word for word: nothing is lost
    assert [change.kind for change in plan.proposals] == [ChangeKind.PRUNE]
    assert plan.skipped[-1].what == "the whole plan"


def test_settings_switch_off_pruning_and_the_conflicts_note(planner: Planner) -> None:
    plan = replace(planner, settings=Settings(prune=False, conflicts_note=False)).plan()
    assert set(kinds(plan)) == {ChangeKind.MERGE}
    assert len(plan.conflicts) == 1


def test_keep_newer_removes_the_older_side_and_leaves_no_conflict(planner: Planner) -> None:
    plan = replace(planner, settings=Settings(keep_newer=True)).plan()
    (change,) = [change for change in plan.changes if change.kind is ChangeKind.RESOLVE]
    assert "8080" in change.subject.text
    assert plan.conflicts == ()
    assert ChangeKind.CONFLICTS not in kinds(plan)
    assert violations(plan, planner.reading, INDEX_BUDGET) == ()


def test_keep_newer_asks_if_the_newer_side_is_not_trusted(planner: Planner) -> None:
    newer = replace(planner, settings=Settings(keep_newer=True))
    plan = replace(newer, history=History(from_tools=frozenset({"b.md"}))).plan()
    assert ChangeKind.RESOLVE not in kinds(plan)
    (asked,) = [change for change in plan.proposals if change.kind is ChangeKind.RESOLVE]
    assert asked.evidence[-1].text.startswith("b.md repeats what a tool brought in from outside")
    assert len(plan.conflicts) == 1
    young = replace(newer, settings=Settings(keep_newer=True, min_age_days=7))
    seen = replace(young, history=History(last_changed={"b.md": date(2026, 3, 1)})).plan()
    assert ChangeKind.RESOLVE not in kinds(seen)
    assert violations(seen, planner.reading, INDEX_BUDGET) == ()


def test_keep_newer_asks_if_the_older_side_says_more(read: Read) -> None:
    more = FILES["a.md"].replace("is 8080.", "is 8080. Its logs are kept for a week.")
    reading = read({**FILES, "a.md": more})
    conflict = judged(reading, 1, Relation.CONFLICT, Action.FLAG, "b")
    settings = Settings(keep_newer=True)
    findings = Findings(pairs=(conflict,))
    plan = Planner(reading, findings, SameWords(), settings, History(), date(2026, 3, 2)).plan()
    assert ChangeKind.RESOLVE not in kinds(plan)
    (asked,) = [change for change in plan.proposals if change.kind is ChangeKind.RESOLVE]
    assert asked.evidence[-1].text == "what stays does not say: Its logs are kept for a week."
    assert len(plan.conflicts) == 1


def test_keep_newer_asks_if_a_side_says_that_something_is_outdated(read: Read) -> None:
    old = FILES["b.md"].replace("The port", "The deprecated port")
    planner = keep_newer(read({**FILES, "b.md": old}))
    assert doubt_about_newer(planner.plan()) == (
        "a side says that something is outdated, which may be either of the two"
    )


@pytest.mark.parametrize("whole", [True, False])
def test_keep_newer_asks_if_the_newer_side_may_be_stale(read: Read, *, whole: bool) -> None:
    planner = keep_newer(read(FILES))
    entry = planner.reading.notes["b.md"].entries[1]
    stale = Finding("b.md", None if whole else entry.id, "it expired", (), waits="not certain")
    planner = replace(planner, findings=replace(planner.findings, stale=(stale,)))
    assert doubt_about_newer(planner.plan()) == "b.md:4 may be stale: it expired"


def keep_newer(reading: Reading) -> Planner:
    conflict = judged(reading, 1, Relation.CONFLICT, Action.FLAG, "b")
    settings = Settings(keep_newer=True)
    return Planner(reading, Findings(pairs=(conflict,)), SameWords(), settings, History(), date(2026, 3, 2))


def doubt_about_newer(plan: Plan) -> str:
    assert ChangeKind.RESOLVE not in kinds(plan)
    (asked,) = [change for change in plan.proposals if change.kind is ChangeKind.RESOLVE]
    return asked.evidence[-1].text


def test_keep_newer_that_was_undone_leaves_the_conflict_open(planner: Planner) -> None:
    newer = replace(planner, settings=Settings(keep_newer=True))
    key = kinds(newer.plan())[ChangeKind.RESOLVE]
    plan = replace(newer, history=History(refused={key: "undone"})).plan()
    assert len(plan.conflicts) == 1
    assert ChangeKind.CONFLICTS in kinds(plan)


def test_a_settled_conflict_is_not_flagged_again(planner: Planner) -> None:
    (conflict,) = planner.plan().conflicts
    plan = replace(planner, history=History(settled=frozenset({conflict.id}))).plan()
    assert plan.conflicts == ()
    sides = planner.sides(conflict.id)
    assert sides is not None
    assert [side.path for side in sides] == ["a.md", "b.md"]
    assert planner.sides("nonsense") is None


def test_every_pair_is_explained(planner: Planner) -> None:
    outcomes = {decision.outcome for decision in planner.considered({}).decisions()}
    assert outcomes == {"same, merge", "conflict, flag"}


def test_one_line_of_a_paragraph_of_pointers_may_be_removed(read: Read) -> None:
    reading = read({"MEMORY.md": "[A](a.md) - one\n[X](x.md) - two\n[B](b.md)\n", "a.md": "A.", "b.md": "B."})
    planner = Planner(
        reading, Findings(pairs=(), stale=()), SameWords(), Settings(), History(), date(2026, 3, 2)
    )
    plan = planner.plan()
    assert violations(plan, reading, INDEX_BUDGET) == ()
    assert [change.subject.text for change in plan.changes] == ["[X](x.md) - two"]


def test_a_half_synced_root_keeps_its_pointers(read: Read) -> None:
    index = "".join(f"- [N{number}](n{number}.md) — hook {number}\n" for number in range(20))
    reading = read({"MEMORY.md": index, "n0.md": "The first one."})
    planner = Planner(
        reading, Findings(pairs=(), stale=()), SameWords(), Settings(), History(), date(2026, 3, 2)
    )
    plan = planner.plan()
    assert plan.changes == ()
    assert any("19 of its 20 pointers lead nowhere" in skip.reason for skip in plan.skipped)

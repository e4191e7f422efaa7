"""The recall gate: what a merge removes can still be found, or the merge waits. Uses word counts instead of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kairos.core.change.aftermath import aftermath
from kairos.core.change.foresight import Findings
from kairos.core.change.probes import NOT_FOUND
from kairos.core.judgement.judge import Thresholds
from kairos.core.planning.plan import History, Planner, Settings
from kairos.core.root.figures import NO_RECALL, RECALL_AT, Recall
from kairos.core.root.reading import Reading
from kairos.dream.look import Look
from kairos.dream.outcome import silent
from kairos.dream.recall_gate import Admitted, RecallGate
from kairos.dream.settling import Settling
from kairos.dream.vectors import Vectors
from kairos.layouts import by_name
from kairos.model import Action, ChangeKind, Entry, Finding, JudgedPair, Judgement, Relation
from tests.light import SameWords, WordCounts

Read = Callable[[Mapping[str, str]], Reading]
ROLE_OF = by_name("plain").role_of
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)

FACT = "alpha beta gamma delta"
WITNESS = "alpha omega psi chi"
CLOSER = [f"alpha beta gamma extra{n}" for n in range(RECALL_AT)]


def entry(reading: Reading, words: str, path: str = "") -> Entry | None:
    found = (e for e in reading.entries.values() if words in e.raw and path in e.path)
    return next(found, None)


def find(reading: Reading) -> Findings:
    """Find that the fact is contained in its witness, wherever the two are."""
    one, other = entry(reading, FACT), entry(reading, WITNESS)
    if one is None or other is None:
        return Findings()
    same = Judgement(Relation.A_CONTAINS_B, Action.MERGE, 1.0, ())
    return Findings(pairs=(JudgedPair(other.id, one.id, same),))


def admit(
    reading: Reading,
    history: History | None = None,
    look_for: Callable[[Reading], Findings] = find,
    settings: Settings = Settings(max_removed_fraction=1.0),  # noqa: B008 - frozen
) -> Admitted:
    vectors = Vectors(WordCounts())
    look = Look(reading, vectors, Thresholds(), date(2026, 3, 2), silent)
    planner = Planner(
        reading, look_for(reading), SameWords(), settings, history or History(), date(2026, 3, 2)
    )
    return RecallGate(Settling(look_for, ROLE_OF, NOW), look).admit(planner)


def bullets(*lines: str) -> str:
    return "".join(f"- {line}\n" for line in lines)


def test_a_merge_whose_witness_is_found_is_applied(read: Read) -> None:
    files = {"a.md": bullets(FACT, "more of a"), "b.md": bullets(WITNESS), "c.md": bullets(*CLOSER[1:])}
    done = admit(read(files))
    assert [change.kind for change in done.settled.plan.changes] == [ChangeKind.MERGE]
    assert (done.recall, done.waiting) == (Recall(1, 1), frozenset())


def test_a_merge_whose_witness_would_not_be_found_waits(read: Read) -> None:
    files = {"a.md": bullets(FACT, "more of a"), "b.md": bullets(WITNESS), "c.md": bullets(*CLOSER)}
    found = admit(read(files))
    plan = found.settled.plan
    assert plan.changes == ()
    (proposal,) = plan.proposals
    assert proposal.evidence[-1] == NOT_FOUND
    assert (found.recall, found.waiting) == (Recall(1, 0), frozenset({proposal.key}))
    considered = found.settled.planner.considered(found.settled.remarks)
    assert [decision.outcome for decision in considered.decisions()] == ["a_contains_b, merge"]
    assert admit(read(files)).settled.plan == plan
    approved = found.settled.planner.plan(only=frozenset({proposal.key}))
    assert [change.key for change in approved.changes] == [proposal.key]


@pytest.mark.parametrize(("others", "applied"), [(CLOSER[2:], True), (CLOSER, False)])
def test_what_goes_into_a_note_that_says_much_more_is_found_there(
    read: Read, others: list[str], *, applied: bool
) -> None:
    """The guard lets a likely merge pass; whether a reader would find the words again, the gate decides."""
    long = f"{WITNESS} rho sigma tau"
    files = {"a.md": bullets(FACT, "more of a"), "b.md": bullets(long), "c.md": bullets(*others)}

    def likely(reading: Reading) -> Findings:
        pairs = find(reading).pairs
        judgement = Judgement(Relation.A_CONTAINS_B, Action.MERGE, 0.85, ())
        return Findings(pairs=tuple(replace(pair, judgement=judgement) for pair in pairs))

    plan = admit(read(files), look_for=likely).settled.plan
    assert [change.kind for change in plan.changes] == [ChangeKind.MERGE] * applied
    assert [change.evidence[-1] for change in plan.proposals] == [NOT_FOUND] * (not applied)


@pytest.mark.parametrize(("others", "kind"), [(CLOSER[1:], ChangeKind.RESOLVE), (CLOSER, None)])
def test_an_older_side_is_removed_only_if_the_newer_one_is_found(
    read: Read, others: list[str], kind: ChangeKind | None
) -> None:
    files = {"a.md": bullets(FACT, "more of a"), "b.md": bullets(WITNESS), "c.md": bullets(*others)}

    def clashing(reading: Reading) -> Findings:
        one, other = entry(reading, FACT), entry(reading, WITNESS)
        if one is None or other is None:
            return Findings()
        clash = Judgement(Relation.CONFLICT, Action.FLAG, 1.0, (), "b")
        return Findings(pairs=(JudgedPair(one.id, other.id, clash),))

    settings = Settings(max_removed_fraction=1.0, keep_newer=True, conflicts_note=False)
    found = admit(read(files), look_for=clashing, settings=settings)
    plan = found.settled.plan
    assert [change.kind for change in plan.changes] == ([kind] if kind else [])
    assert [change.evidence[-1] for change in plan.proposals] == ([] if kind else [NOT_FOUND])
    assert len(plan.conflicts) == len(plan.proposals)
    assert found.recall == Recall(1, len(plan.changes))


def test_the_rest_of_the_plan_is_applied_and_the_next_dream_does_nothing(read: Read) -> None:
    files = {
        "a.md": bullets(FACT, "more of a"),
        "b.md": bullets(WITNESS),
        "c.md": bullets(*CLOSER),
        "over.md": bullets("this is over and done"),
    }

    def with_stale(reading: Reading) -> Findings:
        stale = Finding("over.md", None, "over", (), waits="")
        return replace(find(reading), stale=(stale,) if "over.md" in reading.notes else ())

    reading = read(files)
    found = admit(reading, look_for=with_stale)
    assert [change.kind for change in found.settled.plan.changes] == [ChangeKind.PRUNE]
    after = aftermath(found.settled.plan.changes, reading, ROLE_OF, 0).reading
    again = admit(after, History(unfindable=found.waiting), with_stale)
    assert again.settled.plan.changes == ()
    assert [change.key for change in again.settled.plan.proposals] == list(found.waiting)
    assert again.recall == NO_RECALL


def test_the_hook_of_a_pointer_finds_the_survivor(read: Read) -> None:
    index = "# Index\n\n- [Words](a.md) — alpha beta gamma\n- [B](b.md) — omega\n"
    others = {f"c{n}.md": bullets(line) for n, line in enumerate(CLOSER[1:])}
    files = {"MEMORY.md": index, "a.md": bullets(FACT), "b.md": bullets(WITNESS), **others}
    assert admit(read(files)).recall == Recall(2, 2)


def described(words: str, text: str) -> str:
    return f"---\nname: n\ndescription: {words}\n---\n\n{text}\n"


@pytest.mark.parametrize(
    ("words", "beside", "recall"),
    [
        ("delta is told here", RECALL_AT - 1, Recall(2, 2)),
        ("delta is told here", RECALL_AT, Recall(1, 0)),
        ("delta", RECALL_AT, Recall(1, 1)),  # a label, which is not a question by itself
    ],
)
def test_the_description_of_a_removed_note_finds_the_survivor(
    read: Read, words: str, beside: int, recall: Recall
) -> None:
    others = {f"c{n}.md": bullets(f"delta one{n} two{n} three{n} four{n} five{n}") for n in range(beside)}
    files = {"a.md": described(words, FACT), "b.md": bullets(WITNESS), **others}
    done = admit(read(files))
    assert len(done.settled.plan.changes) == recall.passed // recall.probes
    assert done.recall == recall


def test_a_removed_twin_is_found_in_the_survivor(read: Read) -> None:
    text = bullets(FACT, "one more thing to say")
    reading = read({"a.md": text, "b.md": text})
    found = admit(
        reading, look_for=lambda r: Findings(twins=(("a.md", "b.md"),) if "b.md" in r.notes else ())
    )
    assert [change.subject.file for change in found.settled.plan.changes] == ["b.md"]
    assert found.recall == Recall(2, 2)

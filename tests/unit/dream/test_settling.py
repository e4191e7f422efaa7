"""Plans are settled: what would follow from a plan is done in the same dream, or left out entirely."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import pytest

from kairos.core.change.aftermath import aftermath
from kairos.core.change.foresight import Findings
from kairos.core.change.permission import HELD
from kairos.core.index import upkeep
from kairos.core.planning import guard
from kairos.core.planning.plan import History, Planner, Settings
from kairos.core.root.reading import Reading
from kairos.core.verification.verify import violations
from kairos.dream.settling import Settled, Settling
from kairos.layouts import by_name
from kairos.model import INDEX_BUDGET, Action, ChangeKind, Finding, JudgedPair, Judgement, Relation
from tests.light import SameWords

Read = Callable[[Mapping[str, str]], Reading]
Find = Callable[[Reading], Findings]
ROLE_OF = by_name("plain").role_of
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def planner_of(
    reading: Reading, find: Find, refused: Mapping[str, str] | None = None, most: float = 1.0
) -> Planner:
    settings = Settings(max_removed_fraction=most)
    history = History(refused=refused or {})
    return Planner(reading, find(reading), SameWords(), settings, history, date(2026, 3, 2))


def settled(planner: Planner, find: Find) -> Settled:
    """Settle a plan, and check that the next dream, which remembers what was held back, changes nothing."""
    found = Settling(find, ROLE_OF, NOW).settle(planner)
    assert violations(found.plan, planner.reading, INDEX_BUDGET) == ()
    after = aftermath(found.plan.changes, planner.reading, ROLE_OF, 0).reading
    held = {**planner.history.refused, **dict.fromkeys(found.held, HELD)}
    again = planner_of(after, find, held).plan()
    assert (again.changes, again.conflicts) == ((), found.plan.conflicts)
    return found


@pytest.fixture
def many(read: Read) -> Reading:
    return read({f"n{n:02}.md": f"# N{n}\n\n- Note {n}.\n- And {n}.\n" for n in range(40)})


def stale(reading: Reading, number: int) -> Findings:
    path = f"n{number:02}.md"
    return Findings(stale=(Finding(path, None, "over", (), waits=""),) if path in reading.notes else ())


def test_notes_that_the_plan_makes_stale_are_removed_with_it(many: Reading) -> None:
    def find(reading: Reading) -> Findings:
        return stale(reading, min(40 - len(reading.notes), 3))

    found = settled(planner_of(many, find), find)
    gone = {change.subject.file for change in found.plan.changes}
    assert gone == {"n00.md", "n01.md", "n02.md", "n03.md"}
    assert found.held == frozenset()


def test_a_plan_whose_consequences_exceed_the_limit_waits_and_names_it(many: Reading) -> None:
    def find(reading: Reading) -> Findings:
        return stale(reading, min(40 - len(reading.notes), 3))

    plan = Settling(find, ROLE_OF, NOW).settle(planner_of(many, find, most=0.03)).plan
    assert (plan.changes, [change.subject.file for change in plan.proposals]) == ((), ["n00.md"])
    (skip,) = plan.skipped
    assert skip.what == "the whole plan"
    assert skip.reason.startswith(
        "3 of 80 entries would be removed, more than limits.max_removed_fraction (3%)"
    )


def test_a_change_with_endless_consequences_is_held_back_and_reported(many: Reading) -> None:
    def find(reading: Reading) -> Findings:
        return stale(reading, 40 - len(reading.notes))

    found = settled(planner_of(many, find), find)
    assert found.plan.changes
    assert len(found.plan.changes) < 40
    assert len(found.held) == 1
    (key,) = found.held
    (skip,) = (skip for skip in found.plan.skipped if key in skip.advice)
    assert skip.reason == "over (held back, because it would leave the next dream more to do)"


def test_if_no_plan_settles_nothing_is_done_and_everything_waits(many: Reading) -> None:
    numbers = count()

    def find(reading: Reading) -> Findings:
        return stale(reading, next(numbers))

    found = Settling(find, ROLE_OF, NOW).settle(planner_of(many, find))
    assert (found.plan.changes, found.plan.base, found.held) == ((), {}, frozenset())
    assert found.plan.proposals
    assert found.plan.skipped[-1].what == "the whole plan"


def test_only_the_change_that_the_check_refuses_is_held_back(many: Reading) -> None:
    """Simulates a mistake of the planner: it takes two different notes for twins."""

    def find(reading: Reading) -> Findings:
        there = all(path in reading.notes for path in ("n07.md", "n08.md"))
        return replace(stale(reading, 3), twins=(("n07.md", "n08.md"),) if there else ())

    found = Settling(find, ROLE_OF, NOW).settle(planner_of(many, find))
    assert violations(found.plan, many, INDEX_BUDGET) == ()
    assert [change.subject.file for change in found.plan.changes] == ["n03.md"]
    assert found.held == frozenset()
    (skip,) = [skip for skip in found.plan.skipped if "held back" in skip.reason]
    assert "(held back, since otherwise n08.md:1 is not identical to n07.md" in skip.reason
    assert ": " not in skip.reason


def pair(reading: Reading, a: str, b: str, relation: Relation, action: Action) -> JudgedPair:
    first, second = (next(e for e in reading.entries.values() if text in e.raw) for text in (a, b))
    return JudgedPair(first.id, second.id, Judgement(relation, action, 1.0, ()))


FILES = {
    "a.md": "# A\n\n- Tea is free.\n- The port is 8080.\n",
    "b.md": "# B\n\n- Tea costs nothing.\n- The port is 9090.\n",
    "c.md": "# C\n\n- ~~Old.~~\n- Nobody pays for tea.\n",
}


def test_a_pair_found_only_after_the_plan_is_merged_in_the_same_dream(read: Read) -> None:
    """Simulates a pair that was not found at first because too many other entries were nearer."""

    def find(reading: Reading) -> Findings:
        text = "".join(entry.raw for entry in reading.entries.values())
        if "Old" in text:
            old = next(entry for entry in reading.entries.values() if "Old" in entry.raw)
            return Findings(stale=(Finding("c.md", old.id, "struck", (), waits=""),))
        if "Nobody" in text and "free" in text:
            merge = pair(reading, "Tea is free", "Nobody pays", Relation.SAME, Action.MERGE)
            return Findings(pairs=(merge,))
        return Findings()

    found = settled(planner_of(read(FILES), find), find)
    kinds = {change.kind for change in found.plan.changes}
    assert {ChangeKind.PRUNE, ChangeKind.MERGE} <= kinds


def test_the_managed_note_shows_the_conflicts_that_are_open_afterwards(read: Read) -> None:
    def find(reading: Reading) -> Findings:
        texts = [entry.raw for entry in reading.entries.values()]
        clash = pair(reading, "8080", "9090", Relation.CONFLICT, Action.FLAG)
        if any("Old" in text for text in texts):
            old = next(entry for entry in reading.entries.values() if "Old" in entry.raw)
            return Findings((clash,), (Finding("c.md", old.id, "struck", (), waits=""),))
        other = pair(reading, "Tea is free", "Tea costs", Relation.CONFLICT, Action.FLAG)
        return Findings((clash, other))

    found = settled(planner_of(read(FILES), find), find)
    assert len(found.plan.conflicts) == 2
    (note,) = [change for change in found.plan.changes if change.kind is ChangeKind.CONFLICTS]
    assert "2 open conflicts" in note.reason


def test_text_that_ceases_to_be_boilerplate_is_merged_in_the_same_dream(read: Read) -> None:
    """The same text in four files is boilerplate; in three files it is not."""
    line = "- Every page ends with the imprint of the house.\n"
    reading = read({f"{n}.md": f"# {n}\n\n{line}- Only in {n}.\n" for n in "abcd"})

    def find(now: Reading) -> Findings:
        entries = [entry for entry in now.entries.values() if "imprint" in entry.raw]
        same = Judgement(Relation.SAME, Action.MERGE, 1.0, ())
        pairs = tuple(JudgedPair(a.id, b.id, same) for a in entries for b in entries if a.id < b.id)
        over = next((e for e in entries if e.path == "d.md"), None)
        gone = () if over is None else (Finding("d.md", over.id, "over", (), waits=""),)
        return Findings(pairs, gone)

    found = settled(planner_of(reading, find), find)
    kinds = [change.kind for change in found.plan.changes]
    assert kinds.count(ChangeKind.MERGE) == 2
    still = replace(planner_of(reading, find), findings=replace(find(reading), stale=()))
    assert settled(still, lambda r: replace(find(r), stale=())).plan.changes == ()


def test_only_the_index_line_that_would_be_lost_is_held_back(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Simulates a mistake of the planner: it takes everything in the line to be said elsewhere."""
    monkeypatch.setattr(upkeep, "says_something_unique", lambda *_: False)
    index = (
        "- [A](a.md) — tea\n- [A](a.md) — PIN 4711\n- [A](a.md) — tea too\n- [C](c.md) — c\n- [B](b.md) — b\n"
    )
    reading = read({"MEMORY.md": index, **FILES})
    found = Settling(lambda _: Findings(), ROLE_OF, NOW).settle(planner_of(reading, lambda _: Findings()))
    assert violations(found.plan, reading, INDEX_BUDGET) == ()
    assert [change.subject.line for change in found.plan.changes] == [3]
    (skip,) = [skip for skip in found.plan.skipped if "held back" in skip.reason]
    assert skip.what == "MEMORY.md:2"
    assert skip.reason.endswith(
        "MEMORY.md:2 would remove MEMORY.md:2 as well, and no other text has what it names"
    )
    assert "report this" in skip.advice


def test_only_the_merge_with_a_retracted_statement_is_held_back(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Simulates a mistake of the planner: it overlooks words that retract a statement."""
    tea, milk = (f"The {what} of the kitchen is free for all of us." for what in ("tea", "milk"))
    files = {
        "a.md": f"# Notes\n\n- {tea}\n- Ships.\n",
        "b.md": f"# Notes\n\n- {tea}\n- Cats.\n",
        "c.md": f"# Notes\n\n- {milk}\n- Rain.\n",
        "d.md": f"# Notes\n\n- {milk} Not any more.\n- Wheat.\n",
    }
    reading = read(files)

    def find(now: Reading) -> Findings:
        entries = {(entry.path, entry.text): entry.id for entry in now.entries.values()}
        same = Judgement(Relation.SAME, Action.MERGE, 1.0, ())
        wanted = [(("a.md", tea), ("b.md", tea)), (("c.md", milk), ("d.md", f"{milk} Not any more."))]
        return Findings(
            pairs=tuple(
                JudgedPair(entries[a], entries[b], same) for a, b in wanted if a in entries and b in entries
            )
        )

    monkeypatch.setattr(guard, "taken_back", lambda *_: "")
    found = Settling(find, ROLE_OF, NOW).settle(planner_of(reading, find))
    assert violations(found.plan, reading, INDEX_BUDGET) == ()
    assert ["tea" in change.subject.text for change in found.plan.changes] == [True]
    (skip,) = [skip for skip in found.plan.skipped if "held back" in skip.reason]
    assert skip.reason.endswith('takes back what both say by "any more")')

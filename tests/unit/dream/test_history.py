"""The provenance of notes, through the front door: recorded, reported, acted on, and forgotten in time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.core.root.figures import AlertKind
from kairos.core.root.provenance import Author
from kairos.dream import Mode
from kairos.model import ChangeKind
from kairos.report.values import dream_value
from kairos.store.overview import acknowledge, overview
from kairos.store.provenance import forget_gone, known_notes, origin

if TYPE_CHECKING:
    from kairos.dream import Outcome
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

FACT = "Releases of the garden project are cut from the main branch every Thursday."
SAME = "**Releases** of the garden project are cut from the main branch every Thursday!"
HEAD = "---\nname: {0}\ntype: project\noriginSessionId: {0}\n---\n\n"
FILES = {
    "MEMORY.md": "# Memory\n\n- [A](a.md) — releases\n- [B](b.md) — invoices\n",
    "a.md": HEAD.format("s-a") + f"- {FACT}\n- Backups are encrypted with age.\n",
    "b.md": HEAD.format("s-b") + "- Invoices are written in Spanish.\n",
}
FIRST = datetime(2026, 3, 2, 4, tzinfo=UTC)


def set_day(bed: Bed, day: int, *, config: str = "") -> None:
    bed.configure(config, now=FIRST + timedelta(days=day))


def write(bed: Bed, name: str, text: str, day: int) -> None:
    """Write a note with the mtime of a day, counted from the first dream."""
    bed.write(name, text)
    stamp = (FIRST + timedelta(days=day)).timestamp()
    os.utime(bed.root / name, (stamp, stamp))


def session(bed: Bed, name: str, *blocks: Mapping[str, Any], day: int) -> None:
    """Leave the transcript of an agent's session, with the mtime of a day."""
    lines = (json.dumps({"sessionId": name, "message": {"content": [block]}}) for block in blocks)
    path = bed.root.parent / f"{name}.jsonl"
    path.write_text("\n".join(lines))
    stamp = (FIRST + timedelta(days=day)).timestamp()
    os.utime(path, (stamp, stamp))


def use(bed: Bed, tool: str, number: str, **given: str) -> dict[str, Any]:
    if "note" in given:
        given["file_path"] = f"{bed.root}/{given.pop('note')}"
    return {"type": "tool_use", "id": number, "name": tool, "input": given}


def merges(outcome: Outcome) -> int:
    return sum(change.kind is ChangeKind.MERGE for change in outcome.plan.changes)


@pytest.fixture
def dreamt(bed: MakeBed) -> Bed:
    """A root with a history of one dream; its files were a day old at that time."""
    made = bed(FILES)
    for name, text in FILES.items():
        write(made, name, text, -1)
    made.dream()
    return made


def test_the_author_of_an_edit_is_recorded(dreamt: Bed) -> None:
    write(dreamt, "a.md", FILES["a.md"] + "- The tests run on Mondays.\n", 1)
    write(dreamt, "b.md", FILES["b.md"] + "- The shop closes at six.\n", 1)
    edit = use(dreamt, "Edit", "1", note="a.md", new_string="- The tests run on Mondays.")
    session(dreamt, "s-9", edit, day=1)
    set_day(dreamt, 2)
    number = dreamt.dream().dream
    with dreamt.state() as state:
        one, two = (origin(state, dreamt.root, name) for name in ("a.md", "b.md"))
    assert one
    assert two
    assert [(e.dream, e.author, e.session) for e in one.edits] == [(number, Author.AGENT, "s-9")]
    assert [(e.dream, e.author, e.session) for e in two.edits] == [(number, Author.SOMEBODY, "")]
    assert one.note.sessions == ("s-a", "s-9")
    assert (one.first_dream, one.first_seen, one.last_seen) == (1, FIRST.date(), FIRST.date() + timedelta(2))


def test_a_merge_keeps_both_origins_and_an_undo_is_no_edit(dreamt: Bed) -> None:
    write(dreamt, "c.md", HEAD.format("s-c") + f"{FACT}\n", 1)
    before = dreamt.files()
    set_day(dreamt, 2)
    assert merges(dreamt.dream()) == 1
    assert FACT not in dreamt.text("a.md")
    with dreamt.state() as state:
        assert known_notes(state, dreamt.root)["c.md"].sessions == ("s-c", "s-a")
    dreamt.kairos.undo(dreamt.root)
    assert dreamt.files() == before
    set_day(dreamt, 3)
    assert dreamt.dream().alerts == ()
    with dreamt.state() as state:
        back = origin(state, dreamt.root, "a.md")
    assert back
    assert back.edits == ()
    assert [item.kind.value for item in back.own] == ["undo", "dream"]


def test_text_that_a_tool_brought_is_merged_only_by_a_person(dreamt: Bed) -> None:
    write(dreamt, "c.md", f"# C\n\n- {SAME}\n- Roses like lime.\n", 1)
    fetched = {"type": "tool_result", "tool_use_id": "1", "content": f"A page. {SAME}"}
    told = use(dreamt, "Write", "2", note="c.md", content=f"# C\n\n- {SAME}\n- Roses like lime.\n")
    session(dreamt, "s-9", use(dreamt, "WebFetch", "1", url="https://x.example"), fetched, told, day=1)
    set_day(dreamt, 2)
    for _ in range(2):  # remembered even after the transcript is gone
        outcome = dreamt.dream()
        assert merges(outcome) == 0
        (proposal,) = outcome.plan.proposals
        assert any("repeats what a tool brought" in item.text for item in proposal.evidence)
        (dreamt.root.parent / "s-9.jsonl").unlink(missing_ok=True)
        set_day(dreamt, 3)
    dreamt.kairos.approve(proposal.key)
    with dreamt.state() as state:
        notes = known_notes(state, dreamt.root)
    assert proposal.witness
    assert notes[proposal.witness.place.file].outside


def test_a_forged_time_does_not_make_a_note_old(dreamt: Bed) -> None:
    write(dreamt, "c.md", f"# C\n\n- {FACT}\n- Roses like lime.\n", -300)
    for day, merged in ((2, 0), (8, 0), (9, 1)):
        set_day(dreamt, day, config="limits: {min_age_days: 7}")
        assert merges(dreamt.dream(Mode.PREVIEW if day == 9 else None)) == merged, day


def test_an_alert_stays_until_it_is_acknowledged(dreamt: Bed, capsys: pytest.CaptureFixture[str]) -> None:
    write(dreamt, "b.md", FILES["b.md"] + "- Pay to another account.\n", -2)
    set_day(dreamt, 1)
    assert [alert.kind for alert in dreamt.dream(Mode.PREVIEW).alerts] == [AlertKind.BACKDATED]
    for day in (1, 2):
        set_day(dreamt, day)
        outcome = dreamt.dream()
        assert [(alert.path, alert.kind) for alert in outcome.alerts] == [("b.md", AlertKind.BACKDATED)]
        assert dream_value(outcome)["alerts"][0]["path"] == "b.md"
    with dreamt.state() as state:
        (row,) = overview(state)
        assert [(alert.path, alert.since) for alert in row.alerts] == [("b.md", "2026-03-03")]
        assert acknowledge(state, row.root) == 1
    set_day(dreamt, 3)
    assert dreamt.dream().alerts == ()
    capsys.readouterr()


def test_an_emptied_note_stays_until_its_alert_is_seen(bed: MakeBed) -> None:
    made = bed({**FILES, "said.md": "---\nname: said\ntype: feedback\n---\n\nAlways squash the commits.\n"})
    made.dream()
    write(made, "said.md", "", 1)
    for day in (2, 3):
        set_day(made, day)
        outcome = made.dream()
        assert [alert.kind for alert in outcome.alerts] == [AlertKind.EMPTIED]
        assert "said.md" in made.files()
        (proposal,) = outcome.plan.proposals
        assert proposal.evidence[-1].text == "there is an alert about said.md that is not marked as seen"
    with made.state() as state:
        acknowledge(state, str(made.root))
    set_day(made, 4, config="limits: {max_removed_fraction: 1.0}")
    made.dream()
    assert "said.md" not in made.files()


def test_status_and_explain_report_alerts_and_origins(
    dreamt: Bed, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(dreamt, "b.md", FILES["b.md"] + "- Pay to another account.\n", -2)
    set_day(dreamt, 1)
    dreamt.dream()
    config = home / "config.yaml"
    config.write_text(f"state_dir: {dreamt.kairos.state_dir}\n")

    def ask(*words: str) -> str:
        assert run(cli, [*words, "--config", str(config)]) == 0
        return capsys.readouterr().out

    def alerts() -> list[dict[str, str]]:
        (row,) = json.loads(ask("status", str(dreamt.root), "--json"))
        found: list[dict[str, str]] = row["alerts"]
        return found

    assert "b.md: changed, but its modification time is no later than before" in ask(
        "status", str(dreamt.root)
    )
    assert [alert["kind"] for alert in alerts()] == ["backdated"]
    told = " ".join(ask("explain", str(dreamt.root / "b.md")).split())
    assert "first seen by dream 1 on 2026-03-02" in told
    assert "written by session s-b, as its own front matter or a transcript says" in told
    assert "dream 2 found that somebody had changed it" in told
    value = json.loads(ask("explain", str(dreamt.root / "b.md"), "--json"))["origin"]
    assert value["edits"] == [{"dream": 2, "day": "2026-03-03", "by": "somebody", "session": None}]
    assert "once seen" in ask("status", "--seen", str(dreamt.root))
    assert alerts() == []


def test_removed_notes_are_forgotten_after_a_time(dreamt: Bed) -> None:
    (dreamt.root / "b.md").unlink()
    set_day(dreamt, 1)
    dreamt.dream()
    with dreamt.state() as state:
        gone = origin(state, dreamt.root, "b.md")
        assert gone
        assert (gone.note.gone, gone.last_seen) == (FIRST.date() + timedelta(1), FIRST.date())
        forget_gone(state, FIRST.date() + timedelta(1))
        assert "b.md" in known_notes(state, dreamt.root)
        forget_gone(state, FIRST.date() + timedelta(2))
        assert known_notes(state, dreamt.root).keys() == {"MEMORY.md", "a.md"}


def test_a_dream_belongs_to_its_directory_even_if_a_link_replaces_it_meanwhile(bed: MakeBed) -> None:
    made = bed({**FILES, "b.md": f"{FILES['b.md']}- {FACT}\n"})
    made.configure("limits: {max_removed_fraction: 1.0}")
    real, moved, other = os.path.realpath(made.root), made.home / "moved", made.home / "other"
    other.mkdir()

    def swap(stage: str, done: int, _: int) -> None:
        if (stage, done) == ("apply", 1) and not moved.exists():
            made.root.rename(moved)
            made.root.symlink_to(other)

    made.kairos.progress = swap
    outcome = made.dream()
    assert outcome.receipt is not None
    with closing(made.state()) as state:
        assert set(state.roots()) == {real}
        (dream,) = state.dreams()
        assert dream.root == real
        assert known_notes(state, real)


def test_a_decision_belongs_to_its_directory_even_if_a_link_replaces_it_meanwhile(bed: MakeBed) -> None:
    text = f"# Releases\n\n- {FACT}\n- Backups are encrypted with age.\n"
    made = bed({"MEMORY.md": "# Memory\n", "a.md": text, "notes/a.md": text})
    made.configure("limits: {max_removed_fraction: 1.0}")
    (proposal,) = made.dream().plan.proposals
    real, moved, other = os.path.realpath(made.root), made.home / "moved", made.home / "other"
    other.mkdir()

    def swap(stage: str, done: int, _: int) -> None:
        if (stage, done) == ("apply", 1):
            made.root.rename(moved)
            made.root.symlink_to(other)

    made.kairos.progress = swap
    made.kairos.approve(proposal.key)
    with closing(made.state()) as state:
        assert set(state.roots()) == {real}
        assert state.proposals(real) == ()

"""What `explain`, `log` and `show` report about what was done to a small made-up directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from tests.e2e.shell import Shell
from tests.e2e.story import NOTES, OLD, TWICE, make_story


@pytest.fixture
def root(home: Path) -> Path:
    return make_story(home / "memory")


@pytest.mark.model
def test_the_log_shows_what_was_rejected_and_approved(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])  # only reports: all of it waits
    shell("log")
    one, other = (item["key"] for item in shell.json("proposals")[:2])
    shell("reject", one)
    (row,) = (row for row in shell.json("log", root) if row["kind"] == "reject")
    assert row["outcome"].startswith(f"{one} of ")
    assert (row["number"], row["root"], row["undone"]) == (None, str(root), False)
    assert f"reject {one} of " in shell("log")
    shell("approve", other)
    assert shell.json("log")[0]["kind"] == "approve"
    shell("approve", one)
    assert [row["kind"] for row in shell.json("log")] == ["approve", "approve", "dream"]


@pytest.mark.model
def test_explain_tells_what_waits_what_was_rejected_and_what_was_left_alone(root: Path, shell: Shell) -> None:
    template = root / "template.md"
    template.write_text("---\ndescription: the pump\n---\n\n# Pump\n\n## Why\n\nTODO\n", encoding="utf-8")
    (root / "latin.md").write_bytes(b"caf\xe9 is closed\n")
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    (waiting,) = shell.json("explain", template)["proposals"]
    assert waiting["status"] == "waiting"
    assert f"kairos reject {waiting['key']}" in shell("explain", template)
    shell("reject", waiting["key"])
    (rejected,) = shell.json("explain", template)["proposals"]
    assert (rejected["key"], rejected["status"]) == (waiting["key"], "rejected")
    assert f"to approve it after all: kairos approve {waiting['key']}" in shell("explain", template)
    template.rename(root.parent / "template.md")
    told = shell("explain", template)
    assert "Rejected by you" in told
    assert "to approve it after all" not in told
    (root.parent / "template.md").rename(template)
    assert "not valid UTF-8" in shell("explain", root / "latin.md")
    assert "removed by Kairos" in shell("explain", root / "guest.md")
    for line in (0, 99):
        assert f"template.md has 9 lines, so there is no line {line}" in shell(
            "explain", f"{template}:{line}", code=2
        )


@pytest.mark.model
def test_the_log_is_newest_first_where_times_are_equal(root: Path, shell: Shell) -> None:
    for _ in range(3):
        run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    assert [row["dream"] for row in shell.json("log")] == [3, 2, 1]
    assert "1 conflicts note" in shell("log")


@pytest.mark.model
def test_a_dream_has_one_number_and_every_transaction_can_be_shown(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])  # only reports: it has a number and no transaction
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    assert "removed by Kairos, dream 2" in shell("explain", root / "guest.md")
    assert shell.json("show", "t1") == shell.json("show", 2)
    assert f"kairos proposals ~/{root.name}" in shell("show", 1)  # where its findings are listed
    shell("undo", root, 2)
    assert "Dream 2" in shell("show", "t1")
    text = shell("show", "t2")
    assert "t2, " in text
    assert "undo" in text
    assert "written: guest.md" in text
    undone = shell.json("show", "t2")
    assert (undone["dream"], undone["status"], undone["transaction"]) == (None, "undo", 2)
    assert undone["undoes"] == [{"number": "2", "key": None}]
    assert "There is no transaction t9." in shell("show", "t9", code=2)
    assert "like 12 for a dream, like t12" in shell("show", "soon", code=2)


@pytest.mark.model
def test_every_number_that_is_shown_is_accepted_everywhere(root: Path, shell: Shell) -> None:
    shell("dream", root, code=3)
    shell("dream", root, "--yes")
    assert {item["number"] for item in shell.json("log")} == {"1", "2"}
    assert {item["number"] for item in shell.json("attic")} == {"2"}
    assert "\n    2  2" in shell("attic")
    first = shell("attic", "guest.md", "--from", "2")
    assert first == shell("attic", "guest.md", "--from", "t1") != ""
    assert "What did: 2." in shell("attic", "guest.md", "--from", "1", code=2)
    assert shell("export", 2) == shell("export", "t1")

    assert "Undone: dream 2; " in shell("undo", root, "t1")
    for command in ("export", "undo", "show"):
        text = shell(command, 77, code=2)
        assert "There is no dream 77. Give a number of `kairos log`" in text
    assert "Dream 2 is already undone." in shell("undo", 2, code=2)


@pytest.mark.model
def test_the_log_says_what_was_undone(root: Path, shell: Shell) -> None:
    shell("dream", root, "--yes")
    change = next(item for item in shell.json("show", 1)["changes"] if item["kind"] == "merge")
    assert "only a whole one can be exported" in shell("export", change["key"], code=2)
    assert "The key of a change will do, too." in shell("undo", "zz", code=2)
    assert f"Undone: change {change['key']}; " in shell("undo", change["key"])
    assert f"undo of change {change['key']} of dream 1\n" in shell("log")
    assert shell.json("log")[0]["undoes"] == [{"number": "1", "key": change["key"]}]
    shell("undo", "t2")
    text = shell("log")
    assert "undo of t2\n" in text
    assert "of dream 1, undone since\n" in text
    assert "If you mean t3, write it with the t." in shell("undo", 3, code=2)


@pytest.mark.model
def test_explain_identifies_a_line_by_its_text(root: Path, shell: Shell) -> None:
    (root / "desk.md").write_text(
        "# Desk\n\n- Until 2026-01-31 the desk is open on Sunday.\n- The desk has a red telephone.\n",
        encoding="utf-8",
    )
    (root / "day.md").write_text(
        "---\ndate: 2026-02-10\n---\n\n- Yesterday the pump of cellar two was mended.\n", encoding="utf-8"
    )
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    lines = (root / "MEMORY.md").read_text(encoding="utf-8").splitlines()
    pointer = next(number for number, line in enumerate(lines, 1) if "(desk.md)" in line)
    written = shell.json("explain", f"MEMORY.md:{pointer}")
    assert [change["kind"] for change in written["changes"]] == ["index"]  # Kairos wrote it
    dated = shell.json("explain", "day.md:5")
    assert [change["kind"] for change in dated["changes"]] == ["date"]  # and reworded a part of this one
    moved = shell.json("explain", "desk.md:3")  # the line that had this number is gone
    assert moved["changes"] == []
    assert [change["kind"] for change in moved["before"]] == ["prune"]
    assert "another line that had this number at the time" in shell("explain", "desk.md:3")


@pytest.mark.model
def test_explain_of_an_unknown_note_is_an_error(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    assert "There is no nowhere.md in" in shell("explain", root / "nowhere.md", code=2)
    assert "expired" in shell("explain", root / "guest.md")  # gone, but known


def test_notes_with_undecodable_names_are_reported_and_undone(root: Path, shell: Shell) -> None:
    for name in ("ship.md", "notes.md"):
        (root / name).rename(os.fsdecode(os.fsencode(root) + b"/\xe9-" + name.encode()))
    (root / "MEMORY.md").write_text("# Memory\n", encoding="utf-8")
    guest = NOTES["guest.md"].replace("name: guest", "name: guest\ntype: user")
    Path(os.fsdecode(os.fsencode(root) + b"/\xe9-guest.md")).write_text(guest, encoding="utf-8")
    before = {path: path.read_bytes() for path in root.iterdir()}
    shell("dream", root, "--yes", code=3)
    assert sum(f"- {TWICE}\n" in path.read_text(encoding="utf-8") for path in root.iterdir()) == 1
    (proposal,) = shell.json("proposals")
    shell("reject", proposal["key"])
    shell("dream", root, "--yes")
    assert f"{proposal['key']} of \\udce9-guest.md" in shell("log")
    shell("undo", root, "--all")
    assert {path: path.read_bytes() for path in root.iterdir()} == before
    shell("dream", root, "--yes", code=3)


@pytest.mark.model
def test_every_command_reports_current_line_numbers(root: Path, shell: Shell) -> None:
    ship = root / "ship.md"
    past = "- Until 2026-01-31 the desk is open on Sunday."
    others = "- The desk has a red telephone.\n- Parcels wait in the blue room.\n"
    ship.write_text(f"# Shipping\n\n{past}\n- {OLD}\n{others}", encoding="utf-8")
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    assert past not in ship.read_text(encoding="utf-8")  # the dream itself moved the line
    for first in (3, 5):
        (conflict,) = shell.json("conflicts")
        lines = {side["file"]: side["line"] for side in (conflict["a"], conflict["b"])}
        assert lines["ship.md"] == first
        flagged = shell.json("explain", f"ship.md:{first}")["decisions"][0]["places"]
        assert {place["file"]: place["line"] for place in flagged} == lines
        ship.write_text(f"\n\n{ship.read_text(encoding='utf-8')}", encoding="utf-8")


@pytest.mark.model
def test_links_and_days_that_stay_as_they_are_can_be_asked_for(root: Path, shell: Shell) -> None:
    note = root / "salt.md"
    note.write_text(
        "# Salt\n\n- Salt is white.\n- Yesterday it was short.\n- See [pepper](pepper.md).\n",
        encoding="utf-8",
    )
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    assert "pepper.md" not in shell("log", root)
    explained = shell("explain", note)
    assert (
        "it leads nowhere, and dreams mend only the pointers of an index:\n    salt.md:5 pepper.md\n"
        in explained
    )
    (date,) = shell.json("explain", f"{note}:4")["left"]
    assert (date["kind"], date["words"]) == ("date", "Yesterday")
    checked = " ".join(shell("check", root).split())
    assert "1 broken link and 1 relative date in salt.md; `kairos explain NOTE` lists them" in checked


@pytest.mark.model
def test_explain_says_that_a_file_is_never_edited_or_not_read(root: Path, shell: Shell) -> None:
    (root / "CLAUDE.md").write_text("# Rules\n\n- Answer in English.\n", encoding="utf-8")
    (root / "talk.jsonl").write_text("{}\n", encoding="utf-8")
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    told = " ".join(shell("explain", f"{root}/CLAUDE.md:3").split())
    assert told.endswith("CLAUDE.md:3: dreams read it, but never edit it.")
    told = " ".join(shell("explain", root / "talk.jsonl").split())
    assert told.endswith("talk.jsonl: dreams do not read it.")

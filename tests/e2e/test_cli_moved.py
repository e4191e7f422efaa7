"""`kairos moved`: a directory gets another name, and its history follows it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.control.ledger import read_ledger
from kairos.control.status import FOREVER
from tests.e2e.shell import Shell
from tests.e2e.story import NOTES, files, make_story

DAY = "2026-03-02"


def state_dir(home: Path) -> Path:
    return home / ".local/state/kairos"


@pytest.mark.model
def test_a_history_goes_with_its_directory(home: Path, shell: Shell) -> None:
    old, new = make_story(home / "old"), home / "new"
    shell("dream", old, "--yes", "--now", DAY)
    merge = next(item for item in shell.json("show", 1)["changes"] if item["kind"] == "merge")
    shell("undo", merge["key"])
    (conflict,) = shell.json("conflicts", old)
    shell("resolve", conflict["id"], "--keep", "both")
    shell("pause", old)
    head = shell.json("check")["history"]["head"]
    before = files(old)

    old.rename(new)
    text = shell("log", new, code=10)
    assert f"`kairos moved {old} {new}`" in text
    text = " ".join(shell("dream", new, "--now", DAY, code=3).split())
    assert "notes that Kairos knew in" in text
    assert f"`kairos moved {old} {new}`" in text

    text = shell("moved", old, new, code=3)
    assert "~/old → ~/new" in text
    assert "--yes" in text
    assert "~/old → ~/new" in shell("moved", old, new, "--dry-run")
    assert {item["root"] for item in shell.json("status")} == {str(old), str(new)}
    done = shell.json("moved", old, new, "--yes")
    assert done["done"]
    assert (done["before"], done["after"]) == (str(old), str(new))
    assert done["notes"]["known"] == done["notes"]["there"] > 0
    assert done["since"] == {"dreams": 1, "transactions": 0}
    assert done["transaction"] == 4
    assert files(new) == before

    (row,) = shell.json("status")
    assert row["root"] == str(new)
    assert shell.json("conflicts", new) == []
    assert {item["root"] for item in shell.json("log")} == {str(new)}
    assert shell.json("log", new)[0]["kind"] == "move"
    assert shell.json("show", "t4")["status"] == "move"
    assert shell.json("explain", new / "guest.md")["changes"]
    assert {item["file"] for item in shell.json("attic", new)} >= {"guest.md"}
    assert read_ledger(state_dir(home)).paused(str(new), datetime.now(UTC)) == FOREVER
    assert shell.json("check", "--expect", head)["ok"]

    assert "undone before" in shell("dream", new, "--yes", "--now", DAY, code=3)
    assert shell.json("conflicts", new) == []  # both are kept
    assert "was moved" in shell("undo", "t4", code=2)
    shell("undo", new, "--all")
    assert files(new) == NOTES
    assert shell.json("check", "--expect", head, code=3)["ok"]
    assert not old.exists()


@pytest.mark.model
def test_an_undone_change_that_was_repeated_meanwhile_is_named(home: Path, shell: Shell) -> None:
    old, new = make_story(home / "old"), home / "new"
    shell("dream", old, "--yes", "--now", DAY)
    merge = next(item for item in shell.json("show", 1)["changes"] if item["kind"] == "merge")
    shell("undo", merge["key"])
    old.rename(new)
    shell("dream", new, "--yes", "--now", DAY)  # it does not know of that undo
    text = shell("moved", old, new, "--yes")
    assert f"kairos undo {merge['key']}" in text
    shell("undo", merge["key"])
    shell("undo", new, "--all")
    assert files(new) == NOTES


def test_a_configuration_that_names_only_the_old_path_is_pointed_out(home: Path, shell: Shell) -> None:
    old, new = home / "old", home / "new"
    old.mkdir()
    config = home / ".config/kairos/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("roots:\n  - path: ~/old\n", encoding="utf-8")
    shell("dream", old)
    old.rename(new)
    (advice,) = shell.json("moved", old, new, "--yes")["advice"]
    assert advice == "The configuration still names ~/old: change it to ~/new."
    config.write_text("roots:\n  - path: ~/*\n", encoding="utf-8")
    new.rename(old)
    assert shell.json("moved", new, old, "--yes")["advice"] == []


def test_no_advice_about_a_move_leads_in_a_circle(
    home: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    old, new = make_story(home / "old"), home / "new"
    shell("dream", old, "--yes", "--now", DAY)
    old.rename(new)
    assert "Give the directory that" in shell("moved", "old", "nowhere", code=10)
    assert f"`kairos moved {old} {new}`" in shell("moved", "new", "old", code=2)  # the wrong way round
    assert "given twice" in shell("moved", "old", "old", code=2)
    assert "given twice" in shell("moved", "new", "new", code=2)

    shell("moved", "old", "new", "--yes")
    error = shell.json("moved", "old", "new", "--yes", code=10)["error"]
    assert (
        error == f"The history of {old} has already been carried over to {new}. `kairos log {new}` shows it."
    )
    for command in ("dream", "undo", "log", "status", "check"):
        assert f"its history was carried over to {new}" in shell(command, "old", code=10)


def test_a_move_that_left_no_trace_in_the_journal_is_not_asked_for_again(home: Path, shell: Shell) -> None:
    old, new = home / "old", home / "new"
    old.mkdir()
    shell("dream", old)
    old.rename(new)
    shell("moved", old, new, "--yes")
    assert "nothing is left to do" in shell("moved", old, new, "--yes", code=10)


def test_of_several_directories_that_are_gone_each_may_be_the_old_one(home: Path, shell: Shell) -> None:
    one, two, new = home / "one", home / "two", home / "new"
    for root in (one, two):
        root.mkdir()
        shell("dream", root)
    one.rename(new)
    assert f"`kairos moved {one} {new}`" in shell("log", new, code=10)
    two.rmdir()
    assert f"`kairos moved OLD {new}`, where OLD is one of {one}, {two}" in shell("log", new, code=10)
    new.rmdir()
    two.mkdir()
    assert "Did you mean" in shell("log", home / "twoo", code=10)
    assert "lists the directories" in shell("log", home / "elsewhere", code=10)
    (two / "below").mkdir()
    assert f"part of the memory directory {two}" in shell("log", two / "below", code=10)


def test_a_link_that_was_left_behind_names_the_old_directory(
    home: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = home / "old", home / "new"
    old.mkdir()
    shell("dream", old)
    assert "still exists, so it was not moved" in shell("moved", old, home, code=2)
    old.rename(new)
    old.symlink_to(new)
    monkeypatch.chdir(home)
    assert "has never looked at" in shell("moved", "other", "new", code=10)
    (home / "of two").mkdir()
    text = shell("log", "of two", code=10)
    assert "`kairos dream 'of two'`" in text
    assert f"`kairos moved {old} 'of two'`" in text
    assert f"`kairos moved {old} {new}`" in shell("log", "old", code=10)  # not the link that is there now
    assert "is not a directory" not in shell("moved", "old", "new", "--yes")
    assert [item["root"] for item in shell.json("log", "old")] == [str(new)]
    assert os.path.realpath("old") == str(new)


@pytest.mark.model
def test_names_that_every_directory_has_join_no_histories(home: Path, shell: Shell) -> None:
    old, new = make_story(home / "old"), home / "new"
    shell("dream", old, "--yes", "--now", DAY)
    new.mkdir()
    (new / "MEMORY.md").write_text("# Memory\n\n- [Other](other.md): others\n", encoding="utf-8")
    (new / "other.md").write_text("- The gate code changes weekly.\n" * 2, encoding="utf-8")
    shell("dream", new, "--yes", "--now", DAY)
    gone = old.rename(home / "elsewhere")
    text = shell("moved", old, new, code=3)
    assert "run it on a terminal to be asked" in text
    text = shell("moved", old, new, "--yes", code=2)
    assert "Unchanged in ~/new: none of the notes that Kairos knew in ~/old" in text
    shell.json("moved", old, new, "--yes", code=2)
    assert not shell.json("moved", old, new, "--dry-run")["done"]
    assert {item["root"] for item in shell.json("status")} == {str(old), str(new)}
    for path in list(gone.glob("*.md"))[1:]:
        path.write_text("Written anew.\n", encoding="utf-8")
    assert ": only 1 of " in shell("moved", old, gone, "--yes", code=2)


def test_a_directory_that_was_forgotten_was_not_moved(home: Path, shell: Shell) -> None:
    gone, root = home / "gone", home / "notes"
    for directory in (gone, root):
        directory.mkdir()
        shell("dream", directory)
    gone.rmdir()
    shell("forget", root)
    text = shell("forget", root, code=10)
    assert f"Kairos knows nothing about {root}, so there is nothing to forget." in text
    assert "gone" not in text
    (home / "gone").mkdir()
    (home / "gone/below").mkdir()
    assert f"part of the memory directory {gone}" in shell("forget", gone / "below", code=10)


@pytest.mark.model
def test_undo_does_not_take_a_moved_directory_for_one_that_was_undone(home: Path, shell: Shell) -> None:
    old, new = make_story(home / "old"), home / "new"
    shell("dream", old, code=3)
    text = shell("undo", old, "--all")
    assert "Nothing to undo: Kairos has not changed anything here." in text
    assert "moved" not in text
    shell("dream", old, "--yes", "--now", DAY)
    old.rename(new)
    shell("dream", new, "--now", DAY, code=3)
    text = " ".join(shell("undo", new, "--all").split())
    assert "Kairos has not changed anything here." in text
    assert f"If it was moved here from {old}, run `kairos moved {old} {new}`." in text


@pytest.mark.parametrize("verb", ["undo", "export"])
def test_what_was_done_before_a_move_is_looked_for_under_the_old_path(
    home: Path, shell: Shell, verb: str
) -> None:
    old, new = home / "old", home / "new"
    old.mkdir()
    shell("dream", old)
    assert "See `kairos log`." in shell(verb, old, code=2)
    old.rename(new)
    shell("dream", new)
    text = shell(verb, new, code=2)
    assert (
        f"There is nothing to {verb} in {new}. If it was moved here from {old}, run `kairos moved {old} {new}`."
        in text
    )

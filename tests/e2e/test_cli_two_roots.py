"""Two copies of one directory: proposals, conflicts and changes have the same keys in both."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from tests.e2e.shell import Shell
from tests.e2e.story import files, make_story

pytestmark = pytest.mark.model
DAY = "2026-03-02"


@pytest.fixture
def roots(home: Path) -> tuple[Path, Path]:
    one, other = home / "one", home / "other"
    shutil.copytree(make_story(one), other)
    return one, other


def test_a_proposal_in_two_directories_is_decided_in_the_named_one(
    roots: tuple[Path, Path], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = roots
    run(cli, ["dream", str(one), str(other), "--now", DAY])  # only reports: all of it waits
    shell("log")
    key, second = sorted({item["key"] for item in shell.json("proposals")})[:2]
    text = shell("reject", key, code=2)
    assert f"{key} is in more than one memory directory: {one}, {other}." in text
    assert f"`kairos reject {key} DIRECTORY`" in text
    shell("reject", key, other)
    assert {item["root"] for item in shell.json("proposals") if item["key"] == key} == {str(one)}
    shell("approve", key[:8])  # only one root has it now, so none need be named
    monkeypatch.chdir(other)
    shell("reject", second)
    assert {item["root"] for item in shell.json("proposals") if item["key"] == second} == {str(one)}
    shell("reject", one, second)  # in either order, as `kairos undo` takes them
    assert not [item for item in shell.json("proposals") if item["key"] == second]


STEPS = (
    "1. Tag the commit on the main branch with the next version number of the package.\n"
    "2. Wait until the nightly build has put the wheels for all platforms into the store.\n"
)
STEPWISE = {
    "release.md": f"# Release\n\nHow it is made.\n\n{STEPS}",
    "hotfix.md": f"# Hotfix\n\nIf it is broken.\n\n{STEPS}",
}


@pytest.fixture
def stepwise(home: Path, shell: Shell) -> tuple[Path, Path]:
    made = home / "one", home / "other"
    for root in made:
        root.mkdir()
        for name, text in STEPWISE.items():
            (root / name).write_text(text, encoding="utf-8")
    run(cli, ["dream", *map(str, made), "--yes", "--now", DAY])
    shell("log")
    return made


def test_all_proposals_about_a_note_are_decided_by_its_name(
    stepwise: tuple[Path, Path], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = stepwise
    listed = shell("proposals", one)
    assert "hotfix.md: 2 changes to this note wait for you" in listed
    assert "to decide all: kairos approve hotfix.md ~/one  or  kairos reject hotfix.md ~/one" in listed
    text = shell("approve", "hotfix.md", code=2)
    assert f"Proposals about hotfix.md wait in more than one memory directory: {one}, {other}." in text
    assert "`kairos approve hotfix.md DIRECTORY`" in text
    assert "Applied 2 proposals." in shell("approve", "hotfix.md", one)
    assert files(one)["hotfix.md"] == "# Hotfix\n\nIf it is broken.\n\n"
    assert {item["root"] for item in shell.json("proposals")} == {str(other)}
    monkeypatch.chdir(other)
    assert shell.json("reject", "./hotfix.md")["root"] == str(other)
    assert shell.json("proposals") == []
    assert "There is no proposal hotfix.md." in shell("reject", "hotfix.md", code=2)
    shell("undo", one)
    assert files(one) == STEPWISE


def test_a_note_of_another_directory_is_not_meant_by_its_name(
    stepwise: tuple[Path, Path], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = stepwise
    shell("reject", "hotfix.md", other)
    monkeypatch.chdir(other)
    text = shell("reject", "hotfix.md", code=2)
    assert f"No proposal about hotfix.md waits in {other}." in text
    assert "`kairos reject hotfix.md ~/one`" in text
    assert shell.json("reject", "../one/hotfix.md")["root"] == str(one)


def test_a_note_that_would_stay_leads_to_the_proposal_that_relies_on_it(
    stepwise: tuple[Path, Path], shell: Shell
) -> None:
    one, _ = stepwise
    first = shell.json("proposals", one)[0]
    text = shell("approve", first["witness"]["file"], one, code=2)
    where = f"{first['witness']['file']}:{first['witness']['line']} says it."
    assert where in text
    assert f"one removes hotfix.md:{first['line']}, because" in text
    assert f"`kairos approve {first['key']}`" in text


def test_several_proposals_are_decided_at_once(stepwise: tuple[Path, Path], shell: Shell) -> None:
    one, other = stepwise
    keys = sorted({item["key"] for item in shell.json("proposals")})
    assert len(keys) == 2
    assert shell.json("reject", *keys, other) == {"root": str(other), "rejected": keys}
    assert "Say which proposal" in shell("approve", one, one, code=2)
    mixed = shell("approve", keys[0], str(other / "hotfix.md"), code=2)
    assert "There is no proposal" in mixed
    assert shell.json("approve", one, *keys)["status"] == "applied"
    assert shell.json("proposals") == []


def test_proposals_of_two_directories_are_not_decided_at_once(
    stepwise: tuple[Path, Path], shell: Shell
) -> None:
    notes = [root / "hotfix.md" for root in stepwise]
    assert "belong to more than one memory directory" in shell("approve", *notes, code=2)
    assert [files(root) for root in stepwise] == [STEPWISE] * 2


def test_resolve_and_undo_ask_which_of_two_directories(roots: tuple[Path, Path], shell: Shell) -> None:
    one, other = roots
    run(cli, ["dream", str(one), str(other), "--yes", "--now", DAY])
    shell("log")
    conflict = shell.json("conflicts")[0]["id"]
    assert "more than one memory directory" in shell("resolve", conflict, "--keep", "b", code=2)
    before = files(one), files(other)
    shell("resolve", conflict, other, "--keep", "b")
    assert files(one) == before[0]
    assert files(other) != before[1]
    pruned = next(c["key"] for c in shell.json("show", 1)["changes"] if c["file"] == "guest.md")
    assert f"`kairos undo {pruned} DIRECTORY`" in shell("undo", pruned, code=2)
    shell("undo", pruned, one)
    assert (one / "guest.md").exists()
    assert not (other / "guest.md").exists()

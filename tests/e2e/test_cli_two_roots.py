"""Two copies of one directory: what is waiting, in conflict or done has the same key in both."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from tests.e2e.shell import Shell
from tests.e2e.story import files, tell

pytestmark = pytest.mark.model
DAY = "2026-03-02"


@pytest.fixture
def kairos(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def roots(home: Path) -> tuple[Path, Path]:
    one, other = home / "one", home / "other"
    shutil.copytree(tell(one), other)
    return one, other


def test_a_proposal_of_two_directories_is_decided_where_one_says(
    roots: tuple[Path, Path], kairos: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = roots
    run(cli, ["dream", str(one), str(other), "--now", DAY])  # only reports: all of it waits
    kairos("log")
    key, second = sorted({item["key"] for item in kairos.json("proposals")})[:2]
    text = kairos("reject", key, code=2)
    assert f"{key} is in more than one memory directory: {one}, {other}." in text
    assert f"`kairos reject {key} DIRECTORY`" in text
    kairos("reject", key, other)
    assert {item["root"] for item in kairos.json("proposals") if item["key"] == key} == {str(one)}
    kairos("approve", key[:8])  # one is left, so there is nothing to say
    monkeypatch.chdir(other)
    kairos("reject", second)
    assert {item["root"] for item in kairos.json("proposals") if item["key"] == second} == {str(one)}
    kairos("reject", one, second)  # in either order, as `kairos undo` takes them
    assert not [item for item in kairos.json("proposals") if item["key"] == second]


def test_a_conflict_and_a_change_of_two_directories(roots: tuple[Path, Path], kairos: Shell) -> None:
    one, other = roots
    run(cli, ["dream", str(one), str(other), "--yes", "--now", DAY])
    kairos("log")
    conflict = kairos.json("conflicts")[0]["id"]
    assert "more than one memory directory" in kairos("resolve", conflict, "--keep", "b", code=2)
    before = files(one), files(other)
    kairos("resolve", conflict, other, "--keep", "b")
    assert files(one) == before[0]
    assert files(other) != before[1]
    pruned = next(c["key"] for c in kairos.json("show", 1)["changes"] if c["file"] == "guest.md")
    assert f"`kairos undo {pruned} DIRECTORY`" in kairos("undo", pruned, code=2)
    kairos("undo", pruned, one)
    assert (one / "guest.md").exists()
    assert not (other / "guest.md").exists()

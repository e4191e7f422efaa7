"""Every command on a small made-up directory, as its user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run

OLD, NEW = "The API listens on port 8080.", "The API now listens on port 9090, no longer 8080."
TWICE = "Releases are cut from the main branch every Thursday."
NOTES = {
    "MEMORY.md": "# Memory\n\n- [Shipping](ship.md) — how we ship\n- [Gone](gone.md) — is gone\n",
    "ship.md": f"# Shipping\n\n- {TWICE}\n- {OLD}\n",
    "notes.md": f"# Notes\n\n- {TWICE}\n- {NEW}\n",
    "guest.md": "---\nname: guest\ndescription: guest login\nexpires: 2026-01-31\n---\n\nGuests log in.\n",
}


@pytest.fixture
def root(home: Path) -> Path:
    directory = home / "memory"
    directory.mkdir()
    for name, text in NOTES.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def files(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in root.iterdir()}


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: object, code: int = 0) -> str:
        found = run(cli, [str(word) for word in words])
        shown = self._capsys.readouterr()
        assert found == code, shown.err + shown.out
        return shown.out if "--json" in words else shown.out + shown.err

    def json(self, *words: object, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code))


@pytest.fixture
def kairos(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def test_before_the_first_dream(home: Path, kairos: Shell) -> None:
    assert "looks after nothing yet" in kairos("status")
    assert kairos.json("status") == []
    assert kairos.json("conflicts") == []
    assert "Nothing waits" in kairos("proposals")
    assert "Run `kairos init`, or name one" in kairos("dream", code=2)
    assert "never looked at" in kairos("undo", code=2)
    assert "no dream 7" in kairos("show", 7, code=2)
    assert "is not a directory" in kairos("status", "nowhere", code=10)
    assert not (home / ".local").exists()


def test_init_finds_roots_and_never_overwrites(home: Path, kairos: Shell) -> None:
    memory = home / ".claude/projects/-p/memory"
    memory.mkdir(parents=True)
    (memory / "MEMORY.md").write_text("# Memory\n", encoding="utf-8")
    config = home / ".config/kairos/config.yaml"
    assert "found ~/.claude/projects/-p/memory" in kairos("init")
    written = config.read_text(encoding="utf-8")
    assert str(memory) in written
    assert "exists and stays as it is" in kairos("init")
    assert config.read_text(encoding="utf-8") == written
    assert "is valid" in kairos("config", "check")
    assert "max_removed_fraction: 0.25" in kairos("config", "show")
    assert kairos.json("status")[0]["last_dream"] is None
    config.write_text("rots: []\n", encoding="utf-8")
    assert "rots" in kairos("config", "check", code=2)


def test_help_and_completion(kairos: Shell) -> None:
    told = " ".join(kairos("init", "--help").split())
    for words in ("~/.config/kairos/config.yaml", "`roots`", "Reads no note", "Next: `kairos dream`"):
        assert words in told
    text = kairos("--help")
    for line in ("11   locked", "130  interrupted", "dream ", "undo "):
        assert line in text
    assert "_kairos_completion" in kairos("completion", "zsh")
    assert "Did you mean '--dry-run'? Try `kairos dream --help`." in kairos("dream", "--dry-rum", code=2)
    assert "exclude each other" in kairos("dream", "--dry-run", "--yes", code=2)


@pytest.mark.model
def test_a_dry_run_writes_nothing_at_all(home: Path, root: Path, kairos: Shell) -> None:
    text = kairos("dream", root, "--dry-run", "--now", "2026-03-02")
    assert "this was a dry run" in text
    assert "+++ /dev/null" in text
    assert files(root) == NOTES
    assert not (home / ".local").exists()


@pytest.mark.model
def test_one_bad_root_does_not_stop_the_others(root: Path, kairos: Shell) -> None:
    assert "first dream of a directory only reports" in kairos(
        "dream", root / "nowhere", root, "--now", "2026-03-02", code=10
    )
    assert files(root) == NOTES
    bad, good = kairos.json("dream", root / "nowhere", root, code=10)
    assert (bad["status"], good["status"]) == ("error", "reported")


@pytest.mark.model
def test_a_dream_and_back(root: Path, kairos: Shell) -> None:
    (dreamt,) = kairos.json(
        "dream", root, "--yes", "--now", "2026-03-02", code=3 if _waits(kairos, root) else 0
    )
    assert dreamt["status"] == "applied"
    assert "guest.md" in dreamt["removed"]
    number = dreamt["dream"]
    assert kairos.json("show", number)["removed"] == dreamt["removed"]
    assert f"kairos undo {dreamt['changes'][0]['key']}" in kairos("show", number)
    assert kairos.json("status")[0]["last_dream"]["dream"] == number
    assert kairos.json("log")[0]["number"] == str(number)
    assert "expired" in kairos("explain", root / "guest.md")
    assert kairos.json("explain", "guest.md:1")["file"] == "guest.md"
    assert "guest.md" in kairos("attic", root)

    pruned = next(change for change in dreamt["changes"] if change["file"] == "guest.md")
    kairos("undo", pruned["key"][:6])
    assert (root / "guest.md").read_text(encoding="utf-8") == NOTES["guest.md"]
    kairos("undo", root, "--all")
    assert files(root) == NOTES
    assert "Nothing to undo" in kairos("undo", "--all")


def _waits(kairos: Shell, root: Path) -> bool:
    (plan,) = kairos.json("dream", root, "--dry-run", "--now", "2026-03-02")
    return bool(plan["proposals"] or plan["skipped"])


@pytest.mark.model
def test_conflicts_are_listed_word_for_word_and_settled(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])
    kairos("log")
    (conflict,) = kairos.json("conflicts")
    assert set(conflict) == {"id", "a", "b", "newer", "reason", "since"}
    assert {conflict["a"]["text"], conflict["b"]["text"]} == {
        f"- {OLD}",
        f"- {NEW}",
    }
    assert conflict["id"] in kairos("conflicts", root)
    assert "no open conflict zz" in kairos("resolve", "zz", "--keep", "a", code=2)
    kairos("resolve", conflict["id"][:5], "--keep", "b")
    assert conflict["a"]["text"] not in "".join(files(root).values())
    assert kairos.json("conflicts") == []


@pytest.mark.model
def test_undo_takes_the_last_thing_back_first(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    (conflict,) = kairos.json("conflicts")
    dreamt = files(root)
    kairos("resolve", conflict["id"], "--keep", "a")
    assert files(root) != dreamt
    kairos("undo")
    assert files(root) == dreamt
    kairos("undo")
    assert files(root) == NOTES
    assert "nothing to undo" in kairos("undo", code=2)


@pytest.mark.model
@pytest.mark.parametrize("note", ["true", "false"])
def test_an_undo_of_keeping_both_opens_the_conflict_again(
    home: Path, root: Path, kairos: Shell, note: str
) -> None:
    config = home / ".config/kairos/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"conflicts_note: {note}\n", encoding="utf-8")
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    (conflict,) = kairos.json("conflicts")
    before = files(root)
    kairos("resolve", conflict["id"], "--keep", "both")
    assert kairos.json("conflicts") == []
    kairos("undo")
    assert files(root) == before
    assert kairos.json("conflicts") == [conflict]
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    assert [found["id"] for found in kairos.json("conflicts")] == [conflict["id"]]
    kairos("resolve", conflict["id"], "--keep", "both")
    undo = kairos.json("undo")
    kairos("undo", root, f"t{undo['transaction']}")  # the undo is undone: both are kept again
    assert kairos.json("conflicts") == []
    (dreamt,) = kairos.json("dream", root, "--dry-run", "--now", "2026-03-02")
    assert dreamt["conflicts"] == []


@pytest.mark.model
def test_status_says_that_its_figures_are_of_before_an_undo(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    assert "since then" not in kairos("status", root)
    kairos("undo", root)
    text = kairos("status", root)
    assert "something was undone" in text
    assert "until the next dream" in text
    assert kairos.json("status", root)[0]["changed_since"]["kind"] == "undo"
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    assert "since then" not in kairos("status", root)
    assert kairos.json("status", root)[0]["changed_since"] is None


@pytest.mark.model
def test_the_log_shows_what_was_rejected_and_approved(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])  # only reports: all of it waits
    kairos("log")
    one, other = (item["key"] for item in kairos.json("proposals")[:2])
    kairos("reject", one)
    (row,) = (row for row in kairos.json("log", root) if row["kind"] == "reject")
    assert row["outcome"].startswith(f"{one} of ")
    assert (row["number"], row["root"], row["undone"]) == (None, str(root), False)
    assert f"reject {one} of " in kairos("log")
    kairos("approve", other)
    assert kairos.json("log")[0]["kind"] == "approve"
    kairos("approve", one)
    assert [row["kind"] for row in kairos.json("log")] == ["approve", "approve", "dream"]


@pytest.mark.model
def test_an_undo_out_of_turn_says_what_comes_first(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    number = kairos.json("log")[0]["number"]
    (conflict,) = kairos.json("conflicts")
    kairos("resolve", conflict["id"], "--keep", "b")
    settled = files(root)
    text = kairos("undo", root, number, code=12)
    assert "clashes with t2 (resolve of " in text
    assert "Undo t2 first, or everything with `kairos undo --all`." in text
    assert "later edits" not in text
    assert files(root) == settled
    kairos("undo", root, "t2")
    kairos("undo", root, number)
    assert files(root) == NOTES


def test_a_word_that_names_nothing_is_named_by_undo(root: Path, kairos: Shell) -> None:
    text = kairos("undo", root, "zz", code=2)
    assert "zz is no directory, and nothing that can be undone." in text


@pytest.mark.model
def test_explain_tells_what_waits_what_was_rejected_and_what_was_left_alone(
    root: Path, kairos: Shell
) -> None:
    template = root / "template.md"
    template.write_text("---\ndescription: the pump\n---\n\n# Pump\n\n## Why\n\nTODO\n", encoding="utf-8")
    (root / "latin.md").write_bytes(b"caf\xe9 is closed\n")
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    (waiting,) = kairos.json("explain", template)["proposals"]
    assert waiting["status"] == "waiting"
    assert f"kairos reject {waiting['key']}" in kairos("explain", template)
    kairos("reject", waiting["key"])
    (rejected,) = kairos.json("explain", template)["proposals"]
    assert (rejected["key"], rejected["status"]) == (waiting["key"], "rejected")
    assert f"to take that back: kairos approve {waiting['key']}" in kairos("explain", template)
    assert "not valid UTF-8" in kairos("explain", root / "latin.md")
    assert "removed by Kairos" in kairos("explain", root / "guest.md")
    for line in (0, 99):
        assert f"template.md has 9 lines, and no line {line}" in kairos(
            "explain", f"{template}:{line}", code=2
        )


@pytest.mark.model
def test_the_log_is_newest_first_where_times_are_equal(root: Path, kairos: Shell) -> None:
    for _ in range(3):
        run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    assert [row["dream"] for row in kairos.json("log")] == [3, 2, 1]
    assert "1 conflicts note" in kairos("log")


@pytest.mark.model
def test_pairs_are_judged(tmp_path: Path, kairos: Shell) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"id": "p1", "a": "The port is 8080.", "b": "The port is 9090."}\n', encoding="utf-8")
    value = json.loads(kairos("judge", pairs))
    assert set(value) == {"id", "relation", "action", "newer", "confidence", "evidence"}
    assert (value["id"], value["relation"]) == ("p1", "conflict")


@pytest.mark.usefixtures("home")
def test_the_module_runs_in_a_pipe_that_knows_only_ascii() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kairos", "status", "--json"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_what_nobody_foresaw_in_one_root_keeps_no_dream_from_the_others(
    home: Path, root: Path, kairos: Shell
) -> None:
    other = home / "other"
    other.mkdir()
    (other / "one.md").write_text("- The lift is repaired.\n", encoding="utf-8")
    config = home / "config.yaml"
    config.write_text("limits: {min_age_days: 3}\n", encoding="utf-8")
    words = (
        "dream",
        root,
        other,
        "--yes",
        "--config",
        config,
        "--now",
        "0001-01-02",
    )  # no day is older by three
    told = kairos(*words, code=1)
    assert "should not have happened in ~/memory (OverflowError" in told
    assert "nothing to do" in told
    assert [found["status"] for found in kairos.json(*words, code=1)] == ["error", "nothing"]


@pytest.mark.model
def test_a_dream_has_one_number_and_every_transaction_can_be_shown(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])  # only reports: it has a number and no transaction
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    assert "removed by Kairos, dream 2" in kairos("explain", root / "guest.md")
    assert kairos.json("show", "t1") == kairos.json("show", 2)
    assert f"kairos proposals ~/{root.name}" in kairos("show", 1)  # where what it found is
    kairos("undo", root, 2)
    assert "Dream 2" in kairos("show", "t1")
    text = kairos("show", "t2")
    assert "t2 " in text
    assert "undo" in text
    assert "written: guest.md" in text
    undone = kairos.json("show", "t2")
    assert (undone["dream"], undone["status"], undone["transaction"]) == (None, "undo", 2)
    assert "There is no transaction t9." in kairos("show", "t9", code=2)
    assert "soon is no number of a dream." in kairos("show", "soon", code=2)


@pytest.mark.model
def test_explain_knows_a_line_by_what_it_says(root: Path, kairos: Shell) -> None:
    (root / "desk.md").write_text(
        "# Desk\n\n- Until 2026-01-31 the desk is open on Sunday.\n- The desk has a red telephone.\n",
        encoding="utf-8",
    )
    (root / "day.md").write_text(
        "---\ndate: 2026-02-10\n---\n\n- Yesterday the pump of cellar two was mended.\n", encoding="utf-8"
    )
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    lines = (root / "MEMORY.md").read_text(encoding="utf-8").splitlines()
    pointer = next(number for number, line in enumerate(lines, 1) if "(desk.md)" in line)
    written = kairos.json("explain", f"MEMORY.md:{pointer}")
    assert [change["kind"] for change in written["changes"]] == ["index"]  # Kairos wrote it
    dated = kairos.json("explain", "day.md:5")
    assert [change["kind"] for change in dated["changes"]] == ["date"]  # and words of this one
    moved = kairos.json("explain", "desk.md:3")  # what stood there is gone
    assert moved["changes"] == []
    assert [change["kind"] for change in moved["before"]] == ["prune"]
    assert "another line that had this number then" in kairos("explain", "desk.md:3")


@pytest.mark.model
def test_explain_of_what_nobody_has_seen_is_an_error(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    kairos("log")
    assert "There is no nowhere.md in" in kairos("explain", root / "nowhere.md", code=2)
    assert "expired" in kairos("explain", root / "guest.md")  # gone, and known


def test_names_that_are_no_text_keep_nothing_from_being_told(root: Path, kairos: Shell) -> None:
    for name in ("ship.md", "notes.md"):
        (root / name).rename(os.fsdecode(os.fsencode(root) + b"/\xe9-" + name.encode()))
    (root / "MEMORY.md").write_text("# Memory\n", encoding="utf-8")
    guest = NOTES["guest.md"].replace("name: guest", "name: guest\ntype: user")
    Path(os.fsdecode(os.fsencode(root) + b"/\xe9-guest.md")).write_text(guest, encoding="utf-8")
    before = {path: path.read_bytes() for path in root.iterdir()}
    kairos("dream", root, "--yes", code=3)
    assert sum(f"- {TWICE}\n" in path.read_text(encoding="utf-8") for path in root.iterdir()) == 1
    (proposal,) = kairos.json("proposals")
    kairos("reject", proposal["key"])
    kairos("dream", root, "--yes")
    assert f"{proposal['key']} of \\udce9-guest.md" in kairos("log")
    kairos("undo", root, "--all")
    assert {path: path.read_bytes() for path in root.iterdir()} == before
    kairos("dream", root, "--yes", code=3)


@pytest.mark.model
def test_what_decides_answers_programs_too(root: Path, kairos: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])
    kairos("log")
    one, other = (item["key"] for item in kairos.json("proposals")[:2])
    assert kairos.json("reject", one) == {"root": str(root), "rejected": one}
    assert kairos.json("approve", other)["status"] == "applied"
    conflict = kairos.json("conflicts")[0]["id"]
    assert kairos.json("resolve", conflict, "--keep", "both")["root"] == str(root)
    assert kairos.json("pause", root)["paused_until"] is None
    assert kairos.json("resume", root) == {"root": str(root), "all_paused": False}
    assert kairos.json("config", "check")["roots"] == []


def test_an_error_is_json_where_json_was_asked_for(home: Path, kairos: Shell) -> None:
    assert home.is_dir()
    assert kairos.json("show", 7, code=2) == {
        "error": "There is no dream 7. See `kairos log`.",
        "exit_code": 2,
    }
    assert kairos.json("status", "nowhere", code=10)["exit_code"] == 10
    assert "No such option" in kairos.json("log", "--nonsense", code=2)["error"]

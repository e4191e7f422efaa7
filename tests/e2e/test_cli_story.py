"""Every command on a small made-up directory, as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from tests.e2e.shell import Shell
from tests.e2e.story import NEW, NOTES, OLD, files, make_story


@pytest.fixture
def root(home: Path) -> Path:
    return make_story(home / "memory")


def test_commands_before_the_first_dream_say_what_to_do(home: Path, shell: Shell) -> None:
    assert "does not know any directory yet" in shell("status")
    assert shell.json("status") == []
    assert shell.json("conflicts") == []
    assert "Nothing waits" in shell("proposals")
    assert "Run `kairos init`, or name one" in shell("dream", code=2)
    assert "has never looked at" in shell("undo", code=2)
    assert "no dream 7" in shell("show", 7, code=2)
    assert "nowhere does not exist" in shell("status", "nowhere", code=10)
    assert not (home / ".local").exists()


def test_init_that_finds_nothing_says_what_to_do(shell: Shell) -> None:
    told = shell("init")
    assert "No memory directory was found" in told
    assert "`kairos dream` reports" not in told


def test_init_finds_roots_and_never_overwrites(home: Path, shell: Shell) -> None:
    memory = home / ".claude/projects/-p/memory"
    memory.mkdir(parents=True)
    (memory / "MEMORY.md").write_text("# Memory\n", encoding="utf-8")
    config = home / ".config/kairos/config.yaml"
    assert "found ~/.claude/projects/-p/memory" in shell("init")
    written = config.read_text(encoding="utf-8")
    assert str(memory) in written
    told = shell("init")
    assert "exists and stays as it is" in told
    assert "not in the configuration" not in told
    other = home / ".claude/projects/-q/memory"
    other.mkdir(parents=True)
    (other / "a.md").write_text("# A\n", encoding="utf-8")
    told = shell("init")
    assert "found ~/.claude/projects/-q/memory  (claude-code), not in the configuration" in told
    assert "add what is missing to `roots`" in told
    assert [root["configured"] for root in shell.json("init")["roots"]] == [True, False]
    assert config.read_text(encoding="utf-8") == written
    assert "is valid" in shell("config", "check")
    assert "max_removed_fraction: 0.25" in shell("config", "show")
    assert shell.json("status")[0]["last_dream"] is None
    config.write_text("rots: []\n", encoding="utf-8")
    assert "rots" in shell("config", "check", code=2)


def test_init_says_that_a_configured_directory_is_a_part_or_all_of_one_it_finds(
    home: Path, shell: Shell
) -> None:
    for workspace in ("workspace", "workspace-work"):
        memory = home / ".openclaw" / workspace / "memory"
        memory.mkdir(parents=True)
        (memory / "tea.md").write_text("# Tea\n", encoding="utf-8")
    config = home / ".config/kairos/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("roots: [~/.openclaw/workspace/memory, ~/.openclaw/workspace-work]\n", encoding="utf-8")
    told = shell("init")
    only = "of which the configuration names only ~/.openclaw/workspace/memory: name the whole instead"
    assert f"found ~/.openclaw/workspace  (openclaw), {only}\n" in told
    assert "found ~/.openclaw/workspace-work  (openclaw)\n" in told
    config.write_text("roots: [~/.openclaw]\n", encoding="utf-8")
    assert [root["configured"] for root in shell.json("init")["roots"]] == [True, True]


def test_help_and_completion(shell: Shell) -> None:
    told = " ".join(shell("init", "--help").split())
    for words in ("~/.config/kairos/config.yaml", "`roots`", "Reads no note", "Next: `kairos dream`"):
        assert words in told
    text = shell("--help")
    for line in ("11   locked", "130  interrupted", "dream ", "undo "):
        assert line in text
    assert "_kairos_completion" in shell("completion", "zsh")
    assert "Did you mean '--dry-run'? Try `kairos dream --help`." in shell("dream", "--dry-rum", code=2)
    assert "cannot be combined" in shell("dream", "--dry-run", "--yes", code=2)


@pytest.mark.model
def test_a_dry_run_writes_nothing_at_all(home: Path, root: Path, shell: Shell) -> None:
    text = shell("dream", root, "--dry-run", "--now", "2026-03-02")
    assert "this was a dry run" in text
    assert "+++ /dev/null" in text
    assert files(root) == NOTES
    assert not (home / ".local").exists()


@pytest.mark.model
def test_one_bad_root_does_not_stop_the_others(root: Path, shell: Shell) -> None:
    assert "first dream of a directory only reports" in shell(
        "dream", root / "nowhere", root, "--now", "2026-03-02", code=10
    )
    assert files(root) == NOTES
    bad, good = shell.json("dream", root / "nowhere", root, code=10)
    assert (bad["status"], good["status"]) == ("error", "reported")


@pytest.mark.model
def test_a_dream_is_reported_everywhere_and_undone_exactly(root: Path, shell: Shell) -> None:
    (dreamt,) = shell.json(
        "dream", root, "--yes", "--now", "2026-03-02", code=3 if _waits(shell, root) else 0
    )
    assert dreamt["status"] == "applied"
    assert "guest.md" in dreamt["removed"]
    number = dreamt["dream"]
    assert shell.json("show", number)["removed"] == dreamt["removed"]
    assert f"kairos undo {dreamt['changes'][0]['key']}" in shell("show", number)
    assert shell.json("status")[0]["last_dream"]["dream"] == number
    assert shell.json("log")[0]["number"] == str(number)
    assert "expired" in shell("explain", root / "guest.md")
    assert shell.json("explain", "guest.md:1")["file"] == "guest.md"
    assert "guest.md" in shell("attic", root)

    pruned = next(change for change in dreamt["changes"] if change["file"] == "guest.md")
    shell("undo", pruned["key"][:6])
    assert (root / "guest.md").read_text(encoding="utf-8") == NOTES["guest.md"]
    shell("undo", root, "--all")
    assert files(root) == NOTES
    assert "Nothing to undo" in shell("undo", "--all")


def _waits(shell: Shell, root: Path) -> bool:
    (plan,) = shell.json("dream", root, "--dry-run", "--now", "2026-03-02")
    return bool(plan["proposals"] or plan["skipped"])


@pytest.mark.model
def test_conflicts_are_listed_word_for_word_and_settled(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])
    shell("log")
    (conflict,) = shell.json("conflicts")
    assert set(conflict) == {"id", "a", "b", "newer", "reason", "since"}
    assert {conflict["a"]["text"], conflict["b"]["text"]} == {
        f"- {OLD}",
        f"- {NEW}",
    }
    assert conflict["id"] in shell("conflicts", root)
    assert "no open conflict zz" in shell("resolve", "zz", "--keep", "a", code=2)
    shell("resolve", conflict["id"][:5], "--keep", "b")
    assert conflict["a"]["text"] not in "".join(files(root).values())
    assert shell.json("conflicts") == []
    assert f"resolve {conflict['id']}: b is kept" in shell("log")


@pytest.mark.model
def test_resolve_reports_what_only_the_removed_side_says(root: Path, shell: Shell) -> None:
    (note,) = (path for path in root.rglob("*.md") if f"- {OLD}\n" in path.read_text(encoding="utf-8"))
    text = note.read_text(encoding="utf-8")
    note.write_text(text.replace(f"- {OLD}\n", f"- {OLD} Its owner is Wanda.\n"), encoding="utf-8")
    run(cli, ["dream", str(root), "--now", "2026-03-02"])
    shell("log")
    (conflict,) = shell.json("conflicts")
    side, other = ("a", "b") if OLD in conflict["a"]["text"] else ("b", "a")
    told = shell("resolve", conflict["id"], "--keep", other)
    assert "what stays does not say: Its owner is Wanda." in told
    assert "Wanda" not in "".join(files(root).values())
    shell("undo")
    assert conflict[side]["text"] in "".join(files(root).values())


@pytest.mark.model
def test_undo_takes_the_last_thing_back_first(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    (conflict,) = shell.json("conflicts")
    dreamt = files(root)
    shell("resolve", conflict["id"], "--keep", "a")
    assert files(root) != dreamt
    shell("undo")
    assert files(root) == dreamt
    shell("undo")
    assert files(root) == NOTES
    assert "nothing to undo" in shell("undo", code=2)


@pytest.mark.model
def test_undoing_a_resolution_reopens_the_conflict(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    (conflict,) = shell.json("conflicts")
    shell("resolve", conflict["id"], "--keep", "a")
    changes = shell.json("show", shell.json("log")[0]["number"])["changes"]
    (key,) = (change["key"] for change in changes if change["kind"] == "resolve")
    shell("undo", key)
    assert shell.json("conflicts") == [conflict]
    shell("undo", root, shell.json("log")[0]["number"])  # undoing that settles it again
    assert shell.json("conflicts") == []


@pytest.mark.model
@pytest.mark.parametrize("note", ["true", "false"])
def test_an_undo_of_keeping_both_opens_the_conflict_again(
    home: Path, root: Path, shell: Shell, note: str
) -> None:
    config = home / ".config/kairos/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"conflicts_note: {note}\n", encoding="utf-8")
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    (conflict,) = shell.json("conflicts")
    before = files(root)
    shell("resolve", conflict["id"], "--keep", "both")
    assert shell.json("conflicts") == []
    shell("undo")
    assert files(root) == before
    assert shell.json("conflicts") == [conflict]
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    assert [found["id"] for found in shell.json("conflicts")] == [conflict["id"]]
    shell("resolve", conflict["id"], "--keep", "both")
    undo = shell.json("undo")
    shell("undo", root, f"t{undo['transaction']}")  # the undo is undone: both are kept again
    assert shell.json("conflicts") == []
    (dreamt,) = shell.json("dream", root, "--dry-run", "--now", "2026-03-02")
    assert dreamt["conflicts"] == []


@pytest.mark.model
def test_status_counts_the_changes_that_were_undone(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("undo", root, "--all")
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    (row,) = shell.json("status", root)
    number, again = len(row["skipped"]), row["last_dream"]["dream"]
    assert number > 1
    text = shell("status", root)
    words = f"{number} changes that were undone, rejected or held back before; see `kairos show {again}`"
    assert f"left alone  {words}\n" in text
    assert "kairos approve" not in text
    assert "kairos approve KEY" in shell("show", again)


@pytest.mark.model
def test_status_says_that_its_figures_are_of_before_an_undo(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    assert "since then" not in shell("status", root)
    shell("undo", root)
    text = shell("status", root)
    assert "something was undone" in text
    assert "until the next dream" in text
    assert shell.json("status", root)[0]["changed_since"]["kind"] == "undo"
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    assert "since then" not in shell("status", root)
    assert shell.json("status", root)[0]["changed_since"] is None


@pytest.mark.model
def test_an_undo_out_of_turn_says_what_comes_first(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    number = shell.json("log")[0]["number"]
    (conflict,) = shell.json("conflicts")
    shell("resolve", conflict["id"], "--keep", "b")
    settled = files(root)
    text = shell("undo", root, number, code=12)
    assert "clashes with t2 (resolve of " in text
    assert "Undo t2 first, or everything with `kairos undo --all`." in text
    assert "later edits" not in text
    assert files(root) == settled
    shell("undo", root, "t2")
    shell("undo", root, number)
    assert files(root) == NOTES


@pytest.mark.model
def test_an_undo_of_everything_says_that_something_was_left_alone(root: Path, shell: Shell) -> None:
    shell("dream", root, code=3)
    run(cli, ["dream", str(root), "--yes", "--now", "2026-03-02"])
    shell("log")
    changed = next(path for path in files(root) if path in NOTES and files(root)[path] != NOTES[path])
    (root / changed).write_text("Rewritten by hand.\n", encoding="utf-8")
    text = shell("undo", root, "--all", code=3)
    assert "Undone: everything but what is listed below; " in text
    assert ", dream 2) was not undone" in " ".join(text.split())  # the number of the dream, as in the log
    assert "t1" not in text


def test_undo_names_an_unknown_argument(root: Path, shell: Shell) -> None:
    text = shell("undo", root, "zz", code=2)
    assert "zz is neither a directory nor something that can be undone." in text


@pytest.mark.model
def test_judge_prints_a_judgement_for_each_pair(tmp_path: Path, shell: Shell) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"id": "p1", "a": "The port is 8080.", "b": "The port is 9090."}\n', encoding="utf-8")
    value = json.loads(shell("judge", pairs))
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


def test_an_unexpected_error_in_one_root_does_not_stop_the_others(
    home: Path, root: Path, shell: Shell
) -> None:
    other = home / "other"
    other.mkdir()
    (other / "one.md").write_text("- The lift is repaired.\n", encoding="utf-8")
    config = home / "config.yaml"
    config.write_text("limits: {min_age_days: 3}\n", encoding="utf-8")
    # No day lies three days before this one.
    words = ("dream", root, other, "--yes", "--config", config, "--now", "0001-01-02")
    told = shell(*words, code=1)
    assert "should not have happened in ~/memory (OverflowError" in told
    assert "nothing to do" in told
    assert [found["status"] for found in shell.json(*words, code=1)] == ["error", "nothing"]


@pytest.mark.model
def test_commands_for_decisions_answer_in_json(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--now", "2026-03-02"])
    shell("log")
    one, other = (item["key"] for item in shell.json("proposals")[:2])
    assert shell.json("reject", one) == {"root": str(root), "rejected": [one]}
    assert shell.json("approve", other)["status"] == "applied"
    conflict = shell.json("conflicts")[0]["id"]
    assert shell.json("resolve", conflict, "--keep", "both")["root"] == str(root)
    assert shell.json("pause", root)["paused_until"] is None
    assert shell.json("resume", root) == {"root": str(root), "all_paused": False}
    assert shell.json("config", "check")["roots"] == []


def test_the_commands_of_a_report_name_its_configuration(home: Path, root: Path, shell: Shell) -> None:
    config = home / "my config.yaml"
    config.write_text("limits: {min_age_days: 3}\n", encoding="utf-8")
    told = shell("dream", root, "--config", config, "--dry-run", "--now", "2026-03-02")
    assert "kairos dream ~/memory --yes --config ~/'my config.yaml'\n" in told
    assert "--config" not in shell("dream", root, "--dry-run", "--now", "2026-03-02")


@pytest.mark.model
def test_commands_in_sentences_name_the_configuration_too(home: Path, root: Path, shell: Shell) -> None:
    config = home / "my config.yaml"
    config.write_text("limits: {max_removed_fraction: 1.0}\n", encoding="utf-8")
    given = "--config ~/'my config.yaml'`"
    assert f"`kairos dream {root} {given}" in shell("undo", root, "--config", config, code=10)
    assert f"`kairos log {given}" in shell("undo", home / "no", f"--config={config}", code=2)
    shell("dream", root, "--yes", "--config", config, "--now", "2026-03-02")
    assert f"see `kairos conflicts {given}" in shell("status", "--config", config)
    (change, *_) = shell.json("show", 1)["changes"]
    shell("undo", change["key"])
    text = " ".join(shell("dream", root, "--yes", "--config", config, "--now", "2026-03-02", code=3).split())
    assert f"`kairos approve {change['key']} {given}" in text
    assert given not in shell("status") + shell("undo", "t99", code=2)


def test_a_memory_directory_is_no_note(home: Path, shell: Shell) -> None:
    (home / "notes").mkdir()
    shell("dream", home / "notes")
    assert "is a memory directory. Give a note in it" in shell("explain", home / "notes", code=2)


def test_an_error_is_json_where_json_was_asked_for(home: Path, shell: Shell) -> None:
    assert home.is_dir()
    assert shell.json("show", 7, code=2) == {
        "error": "There is no dream 7. Give a number of `kairos log`: like 12 for a dream, like t12 for anything else.",
        "exit_code": 2,
    }
    assert shell.json("status", "nowhere", code=10)["exit_code"] == 10
    assert "No such option" in shell.json("log", "--nonsense", code=2)["error"]

"""`kairos status` without a daemon, and with a fake one."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.control.ledger import Ledger, RootRecord
from kairos.control.lock import DaemonLock
from kairos.control.status import (
    FOREVER,
    Check,
    ConfigStatus,
    DaemonStatus,
    DreamProgress,
    RootStatus,
    WatchStatus,
)
from kairos.model import FileChange
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from tests.e2e.made_up_daemon import NOW, Daemon
from tests.e2e.shell import Shell


def test_status_without_a_daemon_shows_what_the_last_one_recorded(
    shell: Shell, root: Path, state_dir: Path
) -> None:
    advice = (
        "`kairos service install` sets it up"
        if Path("/run/systemd/system").is_dir()
        else "`kairosd` starts it"
    )
    assert f"kairosd  not running; {advice}" in shell("status")
    assert shell.json("status", "--daemon") == {
        "running": False, "problem": None, "paused_until": None, "status": None
    }  # fmt: skip
    record = RootRecord(failures=3, last_failure=NOW, last_error="The disk is full.\x1b[2J", kept_by="load",
                        kept_since=NOW - timedelta(days=9))  # fmt: skip
    Ledger({str(root): record}).write(state_dir)
    text = shell("status")
    assert "3 times in a row" in text
    assert "The disk is full.\\x1b[2J" in text
    assert "by the gate 'load' since" in text
    assert "it said" not in text
    assert shell.json("status")[0]["daemon"]["failures"] == 3
    tail = ("loading the model", "kairos: Out of paper.\x1b[2J")
    Ledger({str(root): replace(record, tail=tail)}).write(state_dir)
    assert "\n  it said     kairos: Out of paper.\\x1b[2J\n" in shell("status")
    assert "\n  it said     loading the model\n              kairos: Out of paper.\\x1b[2J\n" in shell(
        "status", root
    )


def test_status_reports_a_hanging_daemon(shell: Shell, root: Path, state_dir: Path) -> None:
    with DaemonLock(state_dir, NOW):
        text = shell("status")
    assert f"It is running (PID {os.getpid()}, since" in text
    assert str(root.name) in text


def test_status_with_a_daemon_says_when_and_why_not_now(
    shell: Shell, daemon: Daemon, daemon_status: DaemonStatus
) -> None:
    text = shell("status")
    assert "kairosd  running since" in text
    assert "(3 hours ago), PID 4711" in text
    assert "why not now quiet: written 2 min ago; needs 10 (until" in text
    assert "changed:" not in text
    assert "watched" not in text
    value = shell.json("status")
    assert value[0]["daemon"]["gates"][1]["value"] == "written 2 min ago; needs 10"
    # The text shows no open gate.
    assert {request.shut_gates_only for request in daemon.requests[:1]} == {True}
    assert not daemon.requests[-1].shut_gates_only
    assert shell.json("status", "--daemon")["status"]["pid"] == 4711

    daemon.becomes(
        daemon_status._replace(
            version="0.0",
            config=ConfigStatus("/c.yaml", "roots: expected a list"),
            paused_until=FOREVER,
            checks=(
                Check("sandbox", ok=False, value="off", advice="See docs/daemon.md."),
                Check("inotify", True, "ok"),
            ),
            roots=(
                daemon_status.roots[0]._replace(
                    dream=DreamProgress("embed", 10, 40, NOW),
                    watch=WatchStatus("polling", "a network file system"),
                ),
                RootStatus(
                    "/else/where", problem="It no longer exists.", problem_since=NOW - timedelta(hours=2)
                ),
            ),
            queue=("/else/where",),
        )
    )
    text = shell("status")
    for words in (
        "restart kairosd",
        "refused, the previous one still applies: roots: expected a list",
        "until further notice; `kairos resume` ends it",
        "off. See docs/daemon.md.",
        "dreaming    embedding, 10 of 40, for",
        "by polling: a network file system",
        "/else/where",
        "\n  problem     It no longer exists (since 2026-",
        ", 2 hours ago).\n",
        "last dream  never\n",
        "as soon as its turn comes",
    ):
        assert words in text
    assert "inotify" not in text


@pytest.mark.parametrize(("written", "advice"), [(False, "kairos forget {}"), (True, "kairos attic {}")])
def test_status_says_that_a_directory_is_gone_and_what_to_do(
    home: Path, shell: Shell, state_dir: Path, *, written: bool, advice: str
) -> None:
    gone = home / "gone"
    gone.mkdir()
    shell("dream", gone)
    if written:
        with Store(state_dir) as store:
            store.apply(gone, [FileChange("b.md", None, b"# B\n")], kind=TransactionKind.APPROVE, at=NOW)
    assert shell.json("status", gone)[0]["problem"] is None
    gone.rename(home / "elsewhere")
    text = shell("status", gone)
    assert "\n  problem     It no longer exists.\n" in text
    assert f"`kairos moved {gone} NEW`" in text.replace("~", str(home))
    assert advice.format(gone) in text.replace("~", str(home))
    assert shell.json("status", gone)[0]["problem"] == "It no longer exists."


@pytest.mark.model
def test_status_says_where_the_history_of_a_configured_directory_went(
    home: Path, shell: Shell, state_dir: Path
) -> None:
    old, new = home / "old", home / "new"
    old.mkdir()
    with Store(state_dir) as store:
        tent = FileChange("tent.md", None, b"# Tent\n\nThe tent is green.\n")
        store.apply(old, [tent], kind=TransactionKind.APPROVE, at=NOW)
    shell("dream", old)
    old.rename(new)
    (home / ".config/kairos").mkdir(parents=True, exist_ok=True)
    (home / ".config/kairos/config.yaml").write_text("roots: ['~/old']\n", encoding="utf-8")
    shell("moved", old, new, "--yes")
    assert "Its history was carried over to ~/new: use that path in the configuration." in shell(
        "status", old
    )
    assert "problem" not in shell("status", new)


def test_status_says_that_a_configured_directory_was_never_there(home: Path, shell: Shell) -> None:
    (home / ".config/kairos").mkdir(parents=True, exist_ok=True)
    (home / ".config/kairos/config.yaml").write_text("roots: ['~/later']\n", encoding="utf-8")
    text = shell("status", home / "later")
    assert "It does not exist.\n              Create it, or correct `roots`" in text
    assert "run `kairos dream" not in text


def test_status_of_one_root_shows_every_gate(shell: Shell, root: Path, daemon: Daemon) -> None:
    text = shell("status", root)
    assert "never; run `kairos dream" in text
    assert "changed (open): 3 entries, 1.2 kB" in text
    assert "quiet (shut): written 2 min ago" in text
    assert daemon.requests


@pytest.mark.parametrize("text", ["daemon: {log_level: 7}\n", "roots: [\n", "state_dir: 7\n", "- a\n"])
def test_a_wrong_configuration_does_not_hide_what_is_known(
    home: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = home / "kairos.yaml"
    file.write_text(text)
    assert run(cli, ["status", "--config", str(file), "--daemon", "--json"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["running"] is False
    assert f"{file} is not a valid configuration" in shown.err


def test_a_wrong_configuration_still_says_where_the_state_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "kairos.yaml"
    file.write_text("state_dir: ~/elsewhere\nroots: 7\n")
    with DaemonLock(home / "elsewhere", NOW):
        assert run(cli, ["status", "--config", str(file), "--daemon"]) == 2
    assert f"It is running (PID {os.getpid()}" in capsys.readouterr().out


def test_the_index_of_a_workspace_has_a_size_and_no_budget(shell: Shell, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    for name, text in {
        "AGENTS.md": "# Rules\n",
        "SOUL.md": "# Soul\n",
        "MEMORY.md": "- Mia lives in Graz.\n",
    }.items():
        Path(workspace, name).write_text(text)
    shell("dream", workspace, "--yes")
    assert "\n  index       1 line, 21 bytes\n" in shell("status", workspace)
    index = shell.json("status", workspace)[0]["index"]
    assert index == {"lines": 1, "bytes": 21, "most_lines": None, "most_bytes": None}

"""`kairos check`, `export`, `attic` and `forget` on real directories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.model import FileChange
from kairos.store.journal import Intent
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from tests.e2e.place import FILES, NOW, Place


def texts(flaws: list[dict[str, Any]]) -> str:
    return "\n".join(f"{flaw['part']}: {flaw['what']} {flaw['mend']}" for flaw in flaws)


# --- check ---


def test_check_finds_a_healthy_state_and_what_the_next_dream_repairs(place: Place) -> None:
    code, value = place.check()
    assert (code, value["ok"], value["state"]) == (3, True, [])
    assert value["history"]["links"] == 2
    (root,) = value["roots"]
    found = texts(root["flaws"])
    assert "MEMORY.md:4 leads to gone.md, which does not exist." in found
    assert "Nothing leads to lonely.md." in found
    assert not [flaw for flaw in root["flaws"] if flaw["serious"]]


def test_a_clean_machine_has_nothing_to_check(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli, ["check"]) == 0
    assert "all is well" in capsys.readouterr().out
    assert not (home / ".local/state/kairos").exists()


def test_lost_and_damaged_originals_are_reported(place: Place) -> None:
    one, two = sorted(path for path in place.state_dir.glob("objects/*/*.gz"))[:2]
    one.unlink()
    two.write_bytes(b"no gzip")
    code, value = place.check()
    assert (code, value["ok"]) == (1, False)
    found = texts(value["state"])
    assert "has lost the original" in found
    assert "is damaged" in found
    assert "backup" in found


def test_a_rewritten_history_is_reported(place: Place) -> None:
    head = place.check()[1]["history"]["head"]
    place.tamper("UPDATE files SET path = CAST('other.md' AS BLOB) WHERE txn = 1")
    code, value = place.check("--expect", head[:16])
    assert code == 1
    assert "history: Transaction t1:" in texts(value["state"])


def test_an_unknown_head_is_reported(place: Place) -> None:
    code, value = place.check("--expect", "f" * 64)
    assert code == 1
    assert "was rewritten" in texts(value["state"])


def test_a_mistyped_link_is_answered_with_the_one_that_is_most_likely_meant(place: Place) -> None:
    head = place.check()[1]["history"]["head"]
    for noted in (head[1:], head[:20] + head[21:], head.replace(head[7], "0" if head[7] != "0" else "1", 1)):
        code, value = place.check("--expect", noted)
        assert code == 1
        advice = value["state"][-1]["mend"]
        assert advice.startswith("It is most likely mistyped")
        assert head in advice


def test_what_cannot_be_a_link_is_an_invalid_command_line(place: Place) -> None:
    code, said = place.ask("check", "--expect", "memory/ports.md")
    assert code == 2
    assert "memory/ports.md cannot be a link of the chain" in said


def test_a_state_that_is_gone_has_no_link_that_was_noted(place: Place) -> None:
    head = place.check()[1]["history"]["head"]
    shutil.rmtree(place.state_dir)
    code, value = place.check("--expect", head)
    assert (code, value["ok"]) == (1, False)
    assert f"{head} is not a link of the chain" in texts(value["state"])


def test_an_interrupted_transaction_is_reported_as_not_serious(place: Place) -> None:
    with Store(place.state_dir) as store:
        store.journal.begin(os.path.realpath(place.root), Intent(TransactionKind.DREAM, NOW, ()))
    code, value = place.check()
    assert (code, value["ok"]) == (3, True)
    assert "t3 of" in texts(value["state"])
    assert "was interrupted" in texts(value["state"])


@pytest.mark.parametrize(
    "script",
    [
        "UPDATE transactions SET at = 'yesterday' WHERE id = 1",
        "UPDATE transactions SET kind = 'spell' WHERE id = 1",
        "UPDATE transactions SET made = '{' WHERE id = 1",
        "UPDATE files SET requires = '7' WHERE txn = 1",
        "UPDATE files SET reached = 'nowhere' WHERE txn = 1",
    ],
)
def test_an_unreadable_record_is_reported_by_every_command(place: Place, script: str) -> None:
    place.tamper(script)
    code, value = place.check()
    assert code == 1
    assert "Transaction t1: A part of the state cannot be read" in texts(value["state"])
    for words in (["log"], ["undo", str(place.root), "t1"], ["export", "t1"]):
        code, out = place.ask(*words)
        assert code == 1
        assert "kairos check" in out


def test_a_wrong_record_of_what_is_undone_is_reported(place: Place) -> None:
    place.tamper("UPDATE transactions SET active = 0 WHERE id = 2")
    code, value = place.check()
    assert code == 1
    assert "Transaction t2: what was undone of it is recorded wrongly." in texts(value["state"])


@pytest.mark.parametrize("damage", ["head", "page", "cut"])
def test_a_damaged_database_is_reported_and_left_alone(place: Place, damage: str) -> None:
    file = place.state_dir / "state.db"
    place.tamper("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(file.read_bytes())
    if damage == "head":
        data[:16] = b"no database here"
    elif damage == "page":
        data[4096 : 4096 * 3] = os.urandom(4096 * 2)
    else:
        del data[len(data) // 2 :]
    file.write_bytes(data)
    code, value = place.check()
    assert code == 1
    assert "database: It " in texts(value["state"])
    assert value["history"] is None
    assert file.read_bytes() == data


def test_files_open_to_others_are_reported(place: Place) -> None:
    place.state_dir.chmod(0o755)
    (place.state_dir / "state.db").chmod(0o644)
    found = texts(place.check()[1]["state"])
    assert f"chmod 700 {place.state_dir}" in found
    assert f"chmod 600 {place.state_dir}/state.db" in found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_reported(place: Place) -> None:
    os.chown(place.state_dir / "locks", 12345, 12345)
    code, value = place.check()
    assert code == 1
    assert "belongs to another user" in texts(value["state"])


def test_check_prints_a_summary_for_people(place: Place) -> None:
    code, out = place.ask("check")
    assert code == 3
    assert "Kairos' own state: all is well" in out
    assert "kairos dream" in out
    assert "History: 2 links, the last is " in out


# --- export ---


def test_git_applies_an_exported_patch_and_reverts_it(place: Place) -> None:
    for number in ("t1", "t2"):
        exported = subprocess.run(
            [sys.executable, "-m", "kairos", "export", number], check=True, capture_output=True
        )
        subprocess.run(["git", "apply"], input=exported.stdout, cwd=place.copy, check=True)
    assert tree(place.copy) == tree(place.root)
    for number in ("t2", "t1"):
        exported = subprocess.run(
            [sys.executable, "-m", "kairos", "export", number], check=True, capture_output=True
        )
        subprocess.run(["git", "apply", "-R"], input=exported.stdout, cwd=place.copy, check=True)
    assert tree(place.copy) == {name: text.encode() for name, text in FILES.items()}


def test_an_unknown_transaction_cannot_be_exported(place: Place) -> None:
    code, out = place.ask("export", "17")
    assert code == 2
    assert "There is no dream 17." in out
    assert "nor something that can be exported" in place.ask("export", "nowhere/at/all")[1]
    assert "There is no dream 17." in place.ask("undo", str(place.root), "17")[1]


# --- attic ---


def test_the_bytes_of_a_note_are_no_json(place: Place) -> None:
    code, out = place.ask("attic", str(place.root), "lonely.md", "--json")
    assert code == 2
    assert "--json is for the list: lonely.md is printed as the bytes that it held." in out


def test_both_versions_of_a_note_removed_twice_are_in_the_attic(place: Place) -> None:
    for text in (b"first", b"second"):
        (place.root / "lonely.md").write_bytes(text)
        with Store(place.state_dir) as store:
            gone = FileChange("lonely.md", text, None)
            store.apply(place.root, [gone], kind=TransactionKind.APPROVE, at=NOW)
    root = str(place.root)
    listed = place.ask("attic", root)[1].splitlines()
    numbers = [line.split()[0] for line in listed if "lonely.md" in line]
    assert numbers == ["t4", "t3"]
    code, out = place.ask("attic", root, "lonely.md")
    assert (code, out.startswith("second")) == (0, True)
    assert "Others: t3 (`kairos attic ~/memory lonely.md --from t3`)." in out
    assert place.ask("attic", root, "lonely.md", "--from", "t3") == (0, "first")
    code, out = place.ask("attic", root, "lonely.md", "--from", "t1")
    assert (code, "t1 did not remove lonely.md." in out) == (2, True)
    assert place.ask("attic", root, "--from", "t3")[0] == 2


def test_the_attic_of_all_directories_is_listed_by_default(place: Place, home: Path) -> None:
    other = home / "other"
    other.mkdir()
    for root, names in ((place.root, ("lonely.md",)), (other, ("lonely.md", "old.md"))):
        for name in names:
            (root / name).write_bytes(b"of " + name.encode())
            with Store(place.state_dir) as store:
                gone = FileChange(name, (root / name).read_bytes(), None)
                store.apply(root, [gone], kind=TransactionKind.APPROVE, at=NOW)
    code, out = place.ask("attic")
    assert (code, out.count("lonely.md"), out.count("old.md")) == (0, 2, 1)
    assert "~/memory" in out
    assert "~/other" in out
    found = json.loads(place.ask("attic", "--json")[1])
    assert {(item["root"], item["file"]) for item in found} == {
        (str(place.root), "lonely.md"), (str(other), "lonely.md"), (str(other), "old.md"),
    }  # fmt: skip
    code, out = place.ask("attic", "lonely.md")
    assert code == 2
    assert "More than one directory has a lonely.md in its attic" in out
    assert place.ask("attic", str(other))[1].count("lonely.md") == 1


def tree(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.iterdir()}


def test_status_and_log_keep_to_a_narrow_terminal(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    for command in ("status", "log"):
        _, text = place.ask(command)
        assert max(map(len, text.splitlines())) <= 44, text
    monkeypatch.delenv("COLUMNS")
    _, text = place.ask("log")
    assert len(text.splitlines()) == 2  # in a pipe each row stays a line


@pytest.mark.model
def test_only_a_directory_that_was_never_changed_can_be_forgotten(place: Place) -> None:
    before = {path.name: path.read_bytes() for path in place.copy.iterdir()}
    assert place.ask("dream", str(place.copy))[0] == 3  # the first one only reports
    assert "~/copy" in place.ask("status")[1]
    assert place.ask("forget", str(place.copy)) == (0, "Forgot ~/copy; its notes are as they were.\n")
    assert "~/copy" not in place.ask("status")[1] + place.ask("log")[1]
    assert {path.name: path.read_bytes() for path in place.copy.iterdir()} == before
    assert place.check()[0] in {0, 3}
    code, text = place.ask("forget", str(place.root))
    assert code == 2
    assert "has never written to" in text
    assert "~/memory" in place.ask("log")[1]

"""A state directory that a dream would refuse is refused by every other writer too; a lost database is pointed out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kairos.store.objects import Objects

WRITERS = [("kairos_service",), ("kairos", "pause"), ("kairos", "resume")]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
STRANGER = 65533

writers = pytest.mark.parametrize("words", WRITERS, ids=" ".join)


def refused(home: Path, state_dir: Path, words: tuple[str, ...]) -> str:
    config = home / "config.yaml"
    config.write_text(f"state_dir: {state_dir}\n", encoding="utf-8")
    command = [sys.executable, "-m", *words, "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@writers
def test_an_open_directory_with_other_files_is_refused(home: Path, words: tuple[str, ...]) -> None:
    documents = home / "Documents"
    documents.mkdir()
    documents.chmod(0o755)
    (documents / "letter.txt").write_text("Dear Sir\n", encoding="utf-8")
    assert "needs its own directory" in refused(home, documents, words)
    assert [path.name for path in documents.iterdir()] == ["letter.txt"]
    assert documents.stat().st_mode & 0o777 == 0o755


@writers
def test_a_symbolic_link_is_refused(home: Path, words: tuple[str, ...]) -> None:
    (home / "elsewhere").mkdir(mode=0o700)
    (home / "state").symlink_to(home / "elsewhere")
    assert "is a symbolic link" in refused(home, home / "state", words)
    assert not any((home / "elsewhere").iterdir())


@as_root
@writers
def test_a_directory_of_another_user_is_refused(home: Path, words: tuple[str, ...]) -> None:
    state = home / "state"
    state.mkdir(mode=0o700)
    os.chown(state, STRANGER, STRANGER)
    assert f"belongs to another user (number {STRANGER})" in refused(home, state, words)
    assert not any(state.iterdir())


def test_a_linked_directory_of_touched_roots_is_refused(home: Path) -> None:
    (home / "elsewhere").mkdir(mode=0o700)
    (home / "state").mkdir(mode=0o700)
    (home / "state/touched").symlink_to(home / "elsewhere")
    assert "is a symbolic link" in refused(home, home / "state", ("kairos_service",))


def test_a_lost_database_is_pointed_out_before_anything_else(home: Path) -> None:
    state, root = home / ".local/state/kairos", home / "notes"
    root.mkdir()
    state.mkdir(parents=True, mode=0o700)
    Objects(state / "objects").put(b"- a note\n")
    done = subprocess.run(
        [sys.executable, "-m", "kairos", "undo", str(root)], capture_output=True, text=True, check=False
    )
    first, second = done.stderr.splitlines()
    assert first.startswith(
        f"kairos: {state}/state.db was lost, although originals of earlier dreams are still there."
    )
    assert second.startswith("kairos: Kairos has never looked at")
    assert done.returncode == 10

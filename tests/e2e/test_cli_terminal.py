"""Commands on a terminal ask before they act, and do as they are told."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

NOTE = "# Notes\n\n- Releases are cut from the main branch every Thursday.\n"


def in_terminal(arguments: list[str], answer: bytes, question: bytes = b"Apply this?") -> tuple[str, int]:
    """Run `kairos` in a terminal of its own and answer its question. Returns what it showed and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "kairos", *arguments])  # noqa: S606
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # how Linux reports that the other side is closed
            break
        if not piece:
            break
        if question not in shown and question in shown + piece:
            os.write(terminal, answer + b"\n")
        shown += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(status)


@pytest.mark.model
def test_a_person_is_asked_before_anything_is_changed(experienced: Path) -> None:
    root = experienced / "memory"
    root.mkdir()
    for name in ("a.md", "b.md"):
        (root / name).write_text(NOTE, encoding="utf-8")
    dream = ["dream", str(root)]

    first, code = in_terminal(dream, b"")
    assert (code, "Apply this?" in first) == (3, False)
    assert "first dream of a directory only reports" in first

    declined, code = in_terminal(dream, b"n")
    assert (code, "you declined" in declined) == (0, True)
    assert len(list(root.glob("[ab].md"))) == 2

    agreed, code = in_terminal(dream, b"y")
    assert (code, "To undo all of it" in agreed) == (0, True)
    assert len(list(root.glob("[ab].md"))) == 1


@pytest.mark.model
def test_a_doubtful_move_is_asked_about_even_with_yes(experienced: Path) -> None:
    old, new = experienced / "old", experienced / "new"
    old.mkdir()
    for name in ("a.md", "b.md"):
        (old / name).write_text(NOTE, encoding="utf-8")
    in_terminal(["dream", str(old), "--yes"], b"")
    old.rename(new)
    for note in new.glob("[ab].md"):
        note.write_text("- Written anew by hand since.\n", encoding="utf-8")
    move = ["moved", str(old), str(new), "--yes"]
    question = b"Is it the same directory anyway?"

    declined, code = in_terminal(move, b"n", question)
    assert (code, "Nothing was changed: you declined." in declined) == (0, True)
    agreed, code = in_terminal(move, b"y", question)
    assert (code, "Done: Kairos now knows it as" in agreed) == (0, True)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_switched_off(
    experienced: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    (experienced / "memory").mkdir()
    in_terminal(["dream", str(experienced / "memory")], b"")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[33m" in in_terminal(["log"], b"")[0]
    monkeypatch.setenv(name, value)
    for command in ("log", "status"):
        assert "\x1b[" not in in_terminal([command], b"")[0]

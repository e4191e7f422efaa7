from __future__ import annotations

import logging
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kairos_service.logs import JournalHandler, Repeats, event_text, fields, priority, start_logging

LOG = logging.getLogger("kairos_service.test")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("kairos", "kairos_service"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_on_stderr_an_event_is_a_line_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info", {})
    LOG.info(
        "a dream ended",
        extra=fields(root="/home/a b", seconds=2.10004, outcome="applied", signal=None),
    )
    LOG.debug("not at this level")
    logging.getLogger("apscheduler").info("somebody else's")
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert line[:4].isdigit()
    assert line.endswith('info     a dream ended root="/home/a b" seconds=2.1 outcome=applied\n')


def test_control_characters_and_forged_lines_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("debug", {})
    try:
        int("\x1b[2J\u202e")
    except ValueError:
        LOG.exception("evil\nforged", extra=fields(root='/a\n2026-01-01 info\x1b[2J"', huge="x" * 99_999))
    text = capsys.readouterr().err
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text) < 12_000
    first, *others = text.splitlines()
    assert "evil\\nforged" in first
    assert all(line.startswith("    ") for line in others)
    assert "ValueError: " in text


def test_no_value_ends_before_its_quotation_mark() -> None:
    record = logging.makeLogRecord({"msg": "m", **fields(root='/a\\" outcome=applied x="\u3164')})
    assert event_text(record) == r'm root="/a\\\" outcome=applied x=\"\u3164"'


def journal_fields(datagram: bytes) -> dict[str, str]:
    """Read what the native protocol of the journal wrote."""
    found = {}
    while datagram:
        name, rest = datagram.split(b"\n", 1)
        (length,) = struct.unpack("<Q", rest[:8])
        found[name.decode()] = rest[8 : 8 + length].decode()
        assert rest[8 + length : 9 + length] == b"\n"
        datagram = rest[9 + length :]
    return found


def test_the_journal_gets_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = os.fstat(2)
    env = {"JOURNAL_STREAM": f"{stderr.st_dev}:{stderr.st_ino}"}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(f"{tmp_path}/journal")
        start_logging("info", env, journal=tmp_path / "journal")
        LOG.warning("a dream failed", extra=fields(root="/r\nPRIORITY=0", failures=3))
        found = journal_fields(journal.recv(10_000))
    assert found["MESSAGE"] == 'a dream failed root="/r\\nPRIORITY=0" failures=3'
    assert (found["PRIORITY"], found["SYSLOG_IDENTIFIER"]) == ("4", "kairosd")
    assert (found["KAIROS_ROOT"], found["KAIROS_FAILURES"]) == ("/r\nPRIORITY=0", "3")
    assert found["CODE_FILE"].endswith("test_logs.py")
    monkeypatch.setattr(logging, "raiseExceptions", False)
    LOG.warning("the journal is gone")  # raises no error


def test_without_the_journal_socket_stderr_gets_priorities(tmp_path: Path) -> None:
    script = (
        "import logging, os, pathlib, sys\n"
        "from kairos_service.logs import start_logging\n"
        "s = os.fstat(2)\n"
        "start_logging('info', {'JOURNAL_STREAM': f'{s.st_dev}:{s.st_ino}'}, journal=pathlib.Path(sys.argv[1]))\n"
        "logging.getLogger('kairos_service').error('one\\ntwo')\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "nowhere")], capture_output=True, text=True, check=True
    )
    assert found.stderr == "<3>one\\ntwo\n"


def test_levels_map_to_syslog_priorities() -> None:
    levels = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)
    assert [priority(level) for level in levels] == [2, 3, 4, 6, 7]


def test_a_handler_that_cannot_connect_leaves_no_socket_open(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        JournalHandler(tmp_path / "nowhere")


def complaint(error: object, level: int = logging.ERROR) -> logging.LogRecord:
    text = "the ledger could not be written"
    return LOG.makeRecord(LOG.name, level, __file__, 1, text, (), None, extra=fields(error=error))


def test_a_repeated_complaint_is_logged_every_ten_minutes_with_a_count() -> None:
    clock = [0.0]
    repeats, told = Repeats(lambda: clock[0]), list[str]()
    for second in range(900):
        clock[0] = float(second)
        for record in (complaint("short"), complaint(second // 300)):
            if repeats.filter(record):
                told.append(event_text(record).removeprefix("the ledger could not be written "))
    assert told == ["error=short", "error=0", "error=1", "error=short left_out=599", "error=2"]


def test_other_messages_are_logged_each_time() -> None:
    repeats = Repeats()
    assert [repeats.filter(complaint("", logging.INFO)) for _ in range(2)] == [True, True]


def test_complaints_about_two_errors_are_both_logged(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info", {})
    for what in ("one", "two", "one"):
        try:
            int(what)
        except ValueError:
            LOG.exception("a chore failed")
    assert capsys.readouterr().err.count("a chore failed") == 2


def test_an_event_without_fields_is_only_its_message() -> None:
    assert event_text(logging.makeLogRecord({"msg": "started"})) == "started"

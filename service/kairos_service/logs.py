"""The daemon's log: one event per line with its fields, sent to the systemd journal if there is one, else to stderr.

An event is a fixed sentence plus fields: `log.info("a dream ended", extra=fields(root=root, seconds=2.1))`. The text of
notes never becomes part of either.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kairos.report.escape import visible

JOURNAL = Path("/run/systemd/journal/socket")

_FIELDS = "kairos_fields"
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG = 7
_LONGEST_VALUE = 8 * 1024
_REPEAT_SECONDS = 600.0
"""How long the same complaint is not repeated, so that one recurring failure does not fill the log."""
_COMPLAINTS = 256
"""How many different complaints are remembered."""
_PLAIN = re.compile(r"[\w./:+~@%,-]+")


def fields(**values: object) -> dict[str, Mapping[str, object]]:
    """Return the fields of an event in the form that `logging` takes as `extra`."""
    return {_FIELDS: values}


def start_logging(level: str, env: Mapping[str, str], *, journal: Path = JOURNAL) -> None:
    """Set up logging for this process, replacing any earlier set-up; other packages log only from WARNING on."""
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
        old.close()
    handler = _handler(env, journal)
    handler.addFilter(Repeats())
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in ("kairos", "kairos_service"):
        logging.getLogger(name).setLevel(level.upper())


def _handler(env: Mapping[str, str], journal: Path) -> logging.Handler:
    if not _is_journal(env.get("JOURNAL_STREAM", "")):
        return _to_stderr(_Line(with_time=True))
    try:
        return JournalHandler(journal)
    except OSError:  # a sandbox may hide the socket; our stderr still ends up in the journal
        return _to_stderr(_Line(with_time=False))


def _is_journal(stream: str) -> bool:
    """Whether our stderr is the stream that systemd connected to the journal."""
    try:
        mine = os.fstat(2)
    except OSError:
        return False
    return stream == f"{mine.st_dev}:{mine.st_ino}"


def _to_stderr(formatter: logging.Formatter) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    return handler


class Repeats(logging.Filter):
    """Drops warnings and errors that were logged recently; the next one to pass says how many were left out."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._logged: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether an event is logged."""
        if record.levelno < logging.WARNING:
            return True
        cause, now = _cause(record), self._now()
        last, left_out = self._logged.get(cause, (now - _REPEAT_SECONDS, 0))
        if now - last < _REPEAT_SECONDS:
            self._logged[cause] = last, left_out + 1
            return False
        self._logged.pop(cause, None)  # so that it is inserted last: the oldest is dropped first
        self._logged[cause] = now, 0
        if len(self._logged) > _COMPLAINTS:
            del self._logged[next(iter(self._logged))]
        if left_out:
            setattr(record, _FIELDS, {**_fields(record), "left_out": left_out})
        return True


def _cause(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    values = {name: str(value) for name, value in _fields(record).items()}
    return f"{record.name} {record.getMessage()} {values} {error!r}"


class _Line(logging.Formatter):
    """One event as text, prefixed with the time, or with the priority in the form the journal reads from a stream."""

    def __init__(self, *, with_time: bool) -> None:
        super().__init__()
        self._with_time = with_time

    def format(self, record: logging.LogRecord) -> str:
        lines = event_text(record).split("\n")
        if self._with_time:
            time = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
            lines[0] = f"{time} {record.levelname.lower():<8} {lines[0]}"
            return "\n    ".join(lines)
        return "\n".join(f"<{priority(record.levelno)}>{line}" for line in lines)


class JournalHandler(logging.Handler):
    """Speaks the journal's native protocol, so that fields can be searched: `journalctl KAIROS_ROOT=…`."""

    def __init__(self, path: Path = JOURNAL) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise

    def emit(self, record: logging.LogRecord) -> None:
        """Send one event."""
        try:
            self._socket.send(b"".join(_journal_fields(record)))
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
        super().close()


def priority(level: int) -> int:
    """Return the syslog priority of a `logging` level."""
    return next((number for least, number in _PRIORITIES if level >= least), _DEBUG)


def event_text(record: logging.LogRecord) -> str:
    """Return an event and its fields on one line, with any traceback below it, all control characters escaped."""
    words = [visible(record.getMessage()).replace("\n", "\\n")]
    words += [f"{name}={_quoted(value)}" for name, value in _fields(record).items()]
    trace = [visible(logging.Formatter().formatException(record.exc_info))] if record.exc_info else []
    return "\n".join([" ".join(words), *trace])


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    values: Mapping[str, object] = getattr(record, _FIELDS, {})
    return {name: value for name, value in values.items() if value is not None}


def _quoted(value: object) -> str:
    short = _short(value)
    if _PLAIN.fullmatch(visible(short)):
        return short
    text = visible(short.replace("\\", "\\\\")).replace("\n", "\\n").replace("\t", "\\t")
    return '"' + text.replace('"', '\\"') + '"'


def _short(value: object) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _journal_fields(record: logging.LogRecord) -> Iterator[bytes]:
    yield _journal_field("MESSAGE", event_text(record))
    yield _journal_field("PRIORITY", str(priority(record.levelno)))
    yield _journal_field("SYSLOG_IDENTIFIER", "kairosd")
    yield _journal_field("CODE_FILE", record.pathname)
    yield _journal_field("CODE_LINE", str(record.lineno))
    for name, value in _fields(record).items():
        yield _journal_field(f"KAIROS_{name.upper()}", _short(value))


def _journal_field(name: str, text: str) -> bytes:
    """Return one field in the binary form, which allows any bytes: name, length, value."""
    value = text.encode(errors="surrogateescape")
    return name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"

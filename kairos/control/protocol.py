"""The protocol of the daemon's socket: one JSON object per line, requests one way, answers the other.

`docs/daemon-protocol.md` describes it for other programs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from kairos.errors import DaemonError

VERSION = 1
LONGEST_REQUEST = 64 * 1024
LONGEST_ANSWER = 16 * 1024 * 1024
"""In bytes: room for the status of a few thousand roots."""

Value = Mapping[str, Any]


class Verb(StrEnum):
    """What a request asks for."""

    STATUS = "status"
    WATCH = "watch"  # the status now, and again whenever it changes
    DREAM = "dream"
    PAUSE = "pause"
    RESUME = "resume"
    RELOAD = "reload"
    TOUCH = "touch"


_KEYS = frozenset({"v", "do", "root", "until", "gates"})
_ALL, _SHUT = "all", "shut"
_VERBS = {verb.value: verb for verb in Verb}


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Without a `root` it concerns all of them; `until` is when a pause ends by itself.

    `shut_gates_only`: leave open gates, which make up most of it, out of a status.
    """

    do: Verb
    root: str | None = None
    until: datetime | None = None
    shut_gates_only: bool = False


def request_line(request: Request) -> bytes:
    """Encode a request as a line."""
    value: dict[str, object] = {"v": VERSION, "do": request.do.value}
    if request.root is not None:
        value["root"] = request.root
    if request.until is not None:
        value["until"] = request.until.isoformat()
    if request.shut_gates_only:
        value["gates"] = _SHUT
    return _line(value)


def read_request(line: bytes) -> Request:
    """Decode a request; raises DaemonError saying what is wrong with it."""
    value = _object(line)
    if value.get("v") != VERSION:
        raise _fault(f'"v" is not {VERSION}, the version of the protocol that this daemon speaks')
    word = value.get("do")
    verb = _VERBS.get(word) if isinstance(word, str) else None
    if verb is None:
        raise _fault(f'"do" is none of {", ".join(_VERBS)}')
    unknown = sorted(set(value) - _KEYS)
    if unknown:
        raise _fault(f"there is no key {unknown[0]!r}")
    request = Request(
        verb, _root(value.get("root")), _until(value.get("until")), _is_shut(value.get("gates", _ALL))
    )
    if request.do is Verb.TOUCH and request.root is None:
        raise _fault('"root" is missing')
    return request


def success_line(value: Value) -> bytes:
    """Encode the answer to a request that succeeded."""
    return _line({"ok": True, **value})


def refusal_line(error: str, advice: str = "") -> bytes:
    """Encode the answer to a request that was refused."""
    return _line({"ok": False, "error": error, "advice": advice})


def read_answer(line: bytes) -> Value:
    """Decode an answer; raises DaemonError for a refusal, and for anything that is not an answer."""
    value = _object(line)
    ok = value.pop("ok", None)
    if ok is False:
        raise DaemonError(str(value.get("error")), str(value.get("advice", "")))
    if ok is not True:
        raise _fault('an answer lacks "ok"')
    return value


def _line(value: Value) -> bytes:
    # ASCII: paths that are not valid text become escapes of lone surrogates, and decode to what they were.
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise _fault("a line is not JSON") from None
    if not isinstance(value, dict):
        raise _fault("a line is not a JSON object")
    return value


def _root(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise _fault('"root" is no absolute path')
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        raise _fault('"root" holds what no path can hold') from None
    return value


def _until(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)  # as in the ledger; a moment out of range in UTC is refused
    except (ValueError, OverflowError):
        pass
    raise _fault('"until" is no moment with a time zone, like 2026-11-24T13:00:00+01:00')


def _is_shut(value: object) -> bool:
    if value not in (_ALL, _SHUT):
        raise _fault(f'"gates" is neither "{_ALL}" nor "{_SHUT}"')
    return value == _SHUT


def _fault(what: str) -> DaemonError:
    return DaemonError(f"That is not the protocol of kairosd: {what}.", "See docs/daemon-protocol.md.")

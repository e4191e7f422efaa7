"""Unified diffs of the files that a plan edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff

from kairos.core.root.exposure import Redactor

_STYLES = {"@": "cyan", "+": "green", "-": "red"}
_HEAD_LINES = 2


def unified_diffs(
    before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]
) -> Iterator[tuple[str, str]]:
    """Yield (line, style) for the diffs of all files that differ, ordered by path.

    Credentials are redacted, but note text is not escaped: the caller does that when it shows the lines.
    """
    redactor = Redactor.of(_text(data) for data in (*before.values(), *after.values()))
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new:
            for line, style in _file_diff(path, old, new):
                yield redactor.text(line), style


def _file_diff(path: str, old: bytes | None, new: bytes | None) -> Iterator[tuple[str, str]]:
    source = f"a/{path}" if old is not None else "/dev/null"
    target = f"b/{path}" if new is not None else "/dev/null"
    changes = list(unified_diff(_lines(old), _lines(new), source, target, lineterm=""))
    # Creating or removing an empty file gives no diff lines; show the file names all the same.
    for number, line in enumerate(changes or [f"--- {source}", f"+++ {target}"]):
        yield line.removesuffix("\n"), "bold" if number < _HEAD_LINES else _STYLES.get(line[0], "")
        if number >= _HEAD_LINES and line[0] in "+- " and not line.endswith("\n"):
            yield r"\ No newline at end of file", "dim"


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "surrogateescape")


def _lines(data: bytes | None) -> list[str]:
    """Split at line feeds only: a lone carriage return belongs to its line and shows as an escape."""
    text = _text(data)
    pieces = [f"{line}\n" for line in text.split("\n")]
    pieces[-1] = pieces[-1][:-1]
    return [piece for piece in pieces if piece]

"""What a dream did to files, as a patch for `git apply`. Bytes throughout: notes and file names need not be text."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_REGULAR, _EXECUTABLE = b"100644", b"100755"
_ESCAPES = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
_NO_NEWLINE = b"\n\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Patched:
    """One file of a patch: its contents before and after, None if it did not exist, and its permission bits."""

    path: str
    before: bytes | None
    after: bytes | None
    mode: int | None = None


def git_patch(files: Iterable[Patched]) -> bytes:
    """Return one patch for all files that differ, ordered by path."""
    changed = sorted((file for file in files if file.before != file.after), key=lambda file: file.path)
    return b"".join(piece for file in changed for piece in _file_patch(file))


def _file_patch(file: Patched) -> Iterator[bytes]:
    name = os.fsencode(file.path)
    old, new = quoted(b"a/" + name), quoted(b"b/" + name)
    mode = _EXECUTABLE if (file.mode or 0) & stat.S_IXUSR else _REGULAR
    yield b"diff --git %s %s\n" % (old, new)
    if file.before is None:
        yield b"new file mode %s\n" % mode
    elif file.after is None:
        yield b"deleted file mode %s\n" % mode
    if not file.before and not file.after:  # an empty file is created or removed: git needs an index line
        empty, none = b"e69de29", b"0000000"
        yield b"index %s..%s\n" % ((none, empty) if file.before is None else (empty, none))
        return
    # Without a tab after it, git would end the name at its first space.
    yield b"--- %s\n" % (b"/dev/null" if file.before is None else old + b"\t" * (b" " in old))
    yield b"+++ %s\n" % (b"/dev/null" if file.after is None else new + b"\t" * (b" " in new))
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(file.before), _lines(file.after), n=3)
    for number, line in enumerate(lines):
        if number >= 2:  # the two file name lines are written above
            yield line if line.endswith(b"\n") else line + _NO_NEWLINE


def quoted(name: bytes) -> bytes:
    """Return a file name as git writes it: quoted like a C string unless it is plain printable ASCII."""
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in name):
        return name
    return b'"%s"' % b"".join(_quoted_byte(byte) for byte in name)


def _quoted_byte(byte: int) -> bytes:
    if byte in _ESCAPES:
        return b"\\" + _ESCAPES[byte]
    return bytes((byte,)) if 0x20 <= byte < 0x7F else b"\\%03o" % byte


def _lines(data: bytes | None) -> list[bytes]:
    """Split at line feeds only, as git does."""
    pieces = (data or b"").split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])

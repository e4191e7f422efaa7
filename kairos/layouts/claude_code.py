"""The layout of Claude Code: `<base>/projects/<slug>/memory`, and `agent-memory/<agent>` for subagents."""

from __future__ import annotations

import json
import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice, takewhile
from pathlib import Path

from kairos.layouts.layout import CONFLICTS_NOTE, INDEX, Environment, FoundRoot, Layout

LAYOUT = Layout("claude-code", foreign_lock=".consolidate-lock")

_ROOT = re.compile(r"/projects/[^/]+/memory\Z|/agent-memory(?:-local)?/[^/]+\Z")
_TYPED = re.compile(rb"[ \t]*(?:type|node_type|originSessionId|metadata):")
_HEAD_BYTES = 2048
_LINES_READ = 50
_LINE_BYTES = 1_000_000  # tool results make long lines; `cwd` is in the short ones too
_TRANSCRIPTS_READ = 3
_NOTES_READ = 20
_WRITTEN_ANYWHERE = frozenset({INDEX, CONFLICTS_NOTE})
"""Files that a root of any layout may have, so they say nothing about the layout."""


def is_claude_code(root: Path) -> bool:
    """Whether a directory looks like one of Claude Code's, by its path or by the front matter of its notes."""
    if _ROOT.search(root.as_posix()):
        return True
    with suppress(OSError):
        if not (root / INDEX).is_file():
            return False
        # `listdir`, since only a few of possibly thousands of notes are opened: no `Path` is made for the others.
        names = sorted(name for name in os.listdir(root) if name.endswith(".md"))  # noqa: PTH208
        notes = (note for name in names if name not in _WRITTEN_ANYWHERE and (note := root / name).is_file())
        return any(_has_typed_head(note) for note in islice(notes, _NOTES_READ))
    return False


def _has_typed_head(note: Path) -> bool:
    try:
        with note.open("rb") as file:
            lines = file.read(_HEAD_BYTES).removeprefix(BOM_UTF8).splitlines()
    except OSError:
        return False
    if not lines or lines[0].rstrip() != b"---":
        return False
    head = takewhile(lambda line: line.rstrip() not in (b"---", b"..."), lines[1:])
    return any(map(_TYPED.match, head))


def find_roots(env: Environment, home: Path) -> Iterator[FoundRoot]:
    """Yield the memory directories of Claude Code, projects first."""
    configured = env.get("CLAUDE_CONFIG_DIR", "")
    base = Path(configured) if configured else home / ".claude"
    for root in _directories(base, "projects/*/memory"):
        yield FoundRoot(root, LAYOUT.name, _project(root.parent))
    for root in _directories(base, "agent-memory/*"):
        yield FoundRoot(root, LAYOUT.name)


def _directories(base: Path, pattern: str) -> list[Path]:
    """Return the matching directories with at least one note, sorted; unreadable ones are left out."""
    found = []
    with suppress(OSError):
        for path in base.glob(pattern):
            with suppress(OSError):
                if path.is_dir() and any(path.glob("*.md")):
                    found.append(path)
    return sorted(found)


def _project(directory: Path) -> str:
    """Return a project's path from `cwd` in its newest transcripts, since its slug is lossy; "" if they lack it."""
    dated: list[tuple[int, Path]] = []
    with suppress(OSError):
        for path in directory.glob("*.jsonl"):
            with suppress(OSError):
                if path.is_file():  # opening a pipe would block for ever
                    dated.append((path.stat().st_mtime_ns, path))
    newest = (path for _, path in sorted(dated, reverse=True)[:_TRANSCRIPTS_READ])
    return next(filter(None, map(_cwd_in, newest)), "")


def _cwd_in(transcript: Path) -> str:
    with suppress(OSError), transcript.open("rb") as file:
        for _ in range(_LINES_READ):
            cwd = _cwd(file.readline(_LINE_BYTES))
            if cwd:
                return cwd
    return ""


def _cwd(line: bytes) -> str:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    cwd = record.get("cwd") if isinstance(record, dict) else None
    return cwd if isinstance(cwd, str) else ""

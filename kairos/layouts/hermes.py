"""The layout of Hermes: `memories` with `MEMORY.md` and `USER.md`, whose entries are separated by lines of `§`.

Source: NousResearch/hermes-agent, `tools/memory_tool.py`, `hermes_constants.py`, and its documentation of memory and
profiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kairos.core.markdown.sections import PROFILE, has_sections, longest, round_trips
from kairos.layouts.layout import CONFLICTS_NOTE, INDEX, Environment, FoundRoot, Layout
from kairos.model import Role

_MEMORIES = "memories"
_ROOT = re.compile(rf"/\.hermes(?:/profiles/[^/]+)?/{_MEMORIES}\Z")
_PROFILES = "profiles"
_LIMITS = {INDEX: 2_200, PROFILE: 1_375}
"""Characters, of all entries with the delimiters between them. Hermes' configuration can set others."""
_HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class _Memories(Layout):
    """Hermes reads two files, each as a list of entries, and nothing else next to them."""

    def role_of(self, path: str) -> Role | None:
        if path == CONFLICTS_NOTE:
            return Role.MANAGED  # a dream that took the directory for plain Markdown may have left it
        return Role.SECTIONS if path in _LIMITS else None

    def problem_of(self, path: str, data: bytes) -> tuple[str, str] | None:
        if path not in _LIMITS:
            return None
        if not round_trips(data):
            return (
                "Its lines of § do not separate entries as Hermes writes them, so Hermes itself refuses to edit it.",
                "Put exactly one line of § between two entries, with no blank line next to it.",
            )
        if longest(data) > (limit := self.limits[path]):
            return (
                f"One entry has more than the {limit:,} characters of all, so Hermes itself refuses to edit it.",
                "Split it with lines of §, or shorten it.",
            )
        return None


LAYOUT = _Memories(
    "hermes",
    indexes_notes=False,
    shows_conflicts=False,
    described="the memory of Hermes, in which only `MEMORY.md` and `USER.md` are edited",
    sectioned=frozenset(_LIMITS),
    flocked=frozenset(_LIMITS),
    limits=_LIMITS,
)


def is_hermes(root: Path) -> bool:
    """Whether a directory is a memory of Hermes, by its path or by its name and the form of its files."""
    if _ROOT.search(root.as_posix()):
        return True
    return root.name == _MEMORIES and any(_has_sections(root / name) for name in _LIMITS)


def _has_sections(path: Path) -> bool:
    with suppress(OSError):
        if path.is_file():  # opening a pipe would block for ever
            with path.open("rb") as file:
                return has_sections(file.read(_HEAD_BYTES))
    return False


def find_roots(env: Environment, home: Path) -> Iterator[FoundRoot]:
    """Yield the memories of Hermes: that of its home, and those of all profiles."""
    for root in _roots(env, home):
        with suppress(OSError):
            if any((root / name).is_file() for name in _LIMITS):
                yield FoundRoot(root, LAYOUT.name)


def _roots(env: Environment, home: Path) -> Iterator[Path]:
    configured = Path(env.get("HERMES_HOME", "").strip() or home / ".hermes")
    if not configured.is_absolute():
        return
    base = configured.parent.parent if configured.parent.name == _PROFILES else configured
    yield base / _MEMORIES
    yield configured / _MEMORIES
    with suppress(OSError):
        yield from sorted((base / _PROFILES).glob(f"[!.]*/{_MEMORIES}"))

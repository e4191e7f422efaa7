"""What a layout is: the conventions that a root follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kairos.core.markdown.sections import PROFILE, has_sections
from kairos.model import NO_BUDGET, IndexSize, Role

INDEX = "MEMORY.md"
CONFLICTS_NOTE = "kairos-conflicts.md"

_SECTIONED = frozenset({INDEX, PROFILE})
"""Files of Hermes."""
_SUBINDEX = re.compile(r"MEMORY-[\w-]+\.md\Z")
_DAILY = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d).*\.md\Z")
_READ_ONLY = frozenset({"CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "GEMINI.md"})
_MACHINE_STATE = frozenset({"dreaming", "node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Layout:
    """The conventions of one kind of root.

    `foreign_lock` is the agent's own lock file, relative to the root. `indexes_notes`: the index is meant to lead to
    every note; otherwise it holds facts of its own: it gets no pointer to a note that nothing leads to, and no line of
    it moves to a sub-index. `shows_conflicts`: the agent would read a note of the open conflicts. `described` says what
    such a root is and what is edited there, if that is not every note; nothing is if it `is_read_only`. In the files
    `sectioned`, lines of `§` separate the entries. The agent writes the files `flocked` only while it holds a flock on
    the file of that name with `.lock` added, and it lets each file of `limits` have that many characters.
    """

    name: str
    foreign_lock: str | None = None
    indexes_notes: bool = True
    shows_conflicts: bool = True
    described: str = ""
    is_read_only: bool = False
    sectioned: frozenset[str] = frozenset()
    flocked: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=dict)

    def budget(self, loaded: IndexSize) -> IndexSize:
        """Return the size that an index may have of which agents load as much as `loaded`."""
        return loaded if self.indexes_notes else NO_BUDGET

    def role_of(self, path: str) -> Role | None:
        """Return the role of a file in the root; None if Kairos does not read it."""
        # No `PurePosixPath`: creating one for each of thousands of notes takes longer than the rest, and interns paths.
        parts = path.split("/")
        name = parts[-1]
        if not name.endswith(".md") or ".bak." in name or _is_machine_state(path, parts):
            return None
        if name in _READ_ONLY:
            return Role.READ_ONLY
        if len(parts) == 1:
            top = _role_at_top(name)
            if top is not None:
                return top
        return Role.DAILY if _DAILY.match(name) else Role.NOTE

    def problem_of(self, path: str, data: bytes) -> tuple[str, str] | None:
        """Return reason and advice if a file of valid UTF-8 cannot be read by the conventions of this layout."""
        if not has_sections(data):
            return None
        reason = (
            f"Its entries are separated by lines of §, as Hermes writes them, and this layout is {self.name}."
        )
        if path not in _SECTIONED:
            return reason, "Let Hermes maintain it."
        return (
            reason,
            "Let Hermes maintain it, or set `layout: hermes` for its directory in the configuration.",
        )


def _is_machine_state(path: str, parts: Sequence[str]) -> bool:
    return path.startswith(".") or "/." in path or not _MACHINE_STATE.isdisjoint(parts)


def _role_at_top(name: str) -> Role | None:
    if name == INDEX:
        return Role.INDEX
    if name == CONFLICTS_NOTE:
        return Role.MANAGED
    return Role.SUBINDEX if _SUBINDEX.match(name) else None


@dataclass(frozen=True, slots=True)
class FoundRoot:
    """A root on this machine: its path, its layout, and the path of its project, if known."""

    path: Path
    layout: str
    project: str = ""


Environment = Mapping[str, str]

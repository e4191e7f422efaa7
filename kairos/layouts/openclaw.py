"""The layout of OpenClaw: an agent's workspace with `MEMORY.md`, notes below `memory/`, and much that is no memory.

Source: docs.openclaw.ai, "Agent workspace", "Memory" and "Dreaming".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kairos.layouts.layout import INDEX, Environment, FoundRoot, Layout
from kairos.model import Role

_NOTES = "memory/"
_WORKSPACE = re.compile(r"/\.openclaw(?:-[^/]+)?/(?:agents/[^/]+/workspace|workspace(?:-[^/]+)?)\Z")
_SIGNATURE = ("AGENTS.md", "SOUL.md")
"""Files with which OpenClaw sets up every workspace."""


@dataclass(frozen=True, slots=True)
class _Workspace(Layout):
    """A workspace also holds instructions, skills and whatever the agent works on: only its memory is edited.

    A daily log is the source of what OpenClaw promotes into `MEMORY.md`, which cites its line numbers. So it is read
    only, as are all files next to `MEMORY.md`: they tell the agent how to behave.
    """

    def role_of(self, path: str) -> Role | None:
        role = Layout.role_of(self, path)
        if path.startswith(_NOTES):
            return Role.READ_ONLY if role is Role.DAILY else role
        if "/" in path:
            return None
        return Role.READ_ONLY if role in {Role.NOTE, Role.DAILY, Role.SUBINDEX} else role


LAYOUT = _Workspace(
    "openclaw",
    indexes_notes=False,
    described="a workspace of OpenClaw, in which only `MEMORY.md` and the topics below `memory/` are edited",
)


def is_openclaw(root: Path) -> bool:
    """Whether a directory is a workspace of OpenClaw, by its path or by the files that every workspace has."""
    if _WORKSPACE.search(root.as_posix()):
        return True
    with suppress(OSError):
        return all((root / name).is_file() for name in _SIGNATURE)
    return False


def find_roots(env: Environment, home: Path) -> Iterator[FoundRoot]:
    """Yield the workspaces of OpenClaw that have a memory: the default one, and those of other agents and profiles.

    One inside another that has a memory is left out, since no root may lie inside another.
    """
    found: set[Path] = set()
    for workspace in _workspaces(env, home):
        with suppress(OSError):
            if found.isdisjoint(workspace.parents) and _has_memory(workspace):
                found.add(workspace)
                yield FoundRoot(workspace, LAYOUT.name)


def _has_memory(workspace: Path) -> bool:
    return (workspace / INDEX).is_file() or any((workspace / _NOTES).glob("*.md"))


def _workspaces(env: Environment, home: Path) -> Iterator[Path]:
    if named := _directory(env, "OPENCLAW_WORKSPACE_DIR", home):
        yield named
    state = _directory(env, "OPENCLAW_STATE_DIR", home) or home / ".openclaw"
    with suppress(OSError):
        for base in (state, *sorted(home.glob(".openclaw-*"))):
            default = base / "workspace"
            yield default
            yield from sorted(base.glob("workspace-*"))
            yield from sorted(base.glob("agents/*/workspace"))
            yield from filter(is_openclaw, sorted(default.glob("[!.]*")))


def _directory(env: Environment, name: str, home: Path) -> Path | None:
    """Return the directory that a variable names; None if it does so relative to the working directory of OpenClaw."""
    value = env.get(name, "")
    path = home / value.removeprefix("~/") if value.startswith("~/") else Path(value)
    return path if path.is_absolute() else None

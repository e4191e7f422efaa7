"""Layouts: whose conventions a root follows, and where roots are on this machine."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from kairos.errors import UsageError
from kairos.layouts import claude_code, openclaw, plain
from kairos.layouts.layout import CONFLICTS_NOTE, Environment, FoundRoot, Layout

__all__ = ["CONFLICTS_NOTE", "LAYOUTS", "FoundRoot", "Layout", "by_name", "detect", "find_roots"]

LAYOUTS = {layout.name: layout for layout in (claude_code.LAYOUT, openclaw.LAYOUT, plain.LAYOUT)}


def by_name(name: str) -> Layout:
    """Return the layout called `name`. Raises UsageError if there is none."""
    try:
        return LAYOUTS[name]
    except KeyError:
        raise UsageError(f"There is no layout {name!r}.", f"Layouts are: {', '.join(LAYOUTS)}.") from None


def detect(root: Path) -> Layout:
    """Return the layout that a directory appears to follow."""
    if claude_code.is_claude_code(root):
        return claude_code.LAYOUT
    return openclaw.LAYOUT if openclaw.is_openclaw(root) else plain.LAYOUT


def find_roots(env: Environment, home: Path) -> tuple[FoundRoot, ...]:
    """Return the memory directories found on this machine, without duplicates."""
    found: dict[Path, FoundRoot] = {}
    for root in chain(claude_code.find_roots(env, home), openclaw.find_roots(env, home)):
        found.setdefault(root.path.resolve(), root)
    return tuple(found.values())

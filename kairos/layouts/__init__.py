"""Layouts: whose conventions a root follows, and where roots are on this machine."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from kairos.errors import UsageError
from kairos.layouts import claude_code, codex, hermes, openclaw, plain
from kairos.layouts.layout import CONFLICTS_NOTE, Environment, FoundRoot, Layout

__all__ = ["CONFLICTS_NOTE", "LAYOUTS", "FoundRoot", "Layout", "by_name", "detect", "find_roots"]

_ALL = (claude_code.LAYOUT, openclaw.LAYOUT, hermes.LAYOUT, codex.LAYOUT, plain.LAYOUT)
LAYOUTS = {layout.name: layout for layout in _ALL}


def by_name(name: str) -> Layout:
    """Return the layout called `name`. Raises UsageError if there is none."""
    try:
        return LAYOUTS[name]
    except KeyError:
        raise UsageError(f"There is no layout {name!r}.", f"Layouts are: {', '.join(LAYOUTS)}.") from None


def detect(root: Path) -> Layout:
    """Return the layout that a directory appears to follow."""
    signs = (
        (hermes.is_hermes, hermes.LAYOUT),
        (codex.is_codex, codex.LAYOUT),
        (claude_code.is_claude_code, claude_code.LAYOUT),
        (openclaw.is_openclaw, openclaw.LAYOUT),
    )
    return next((layout for follows, layout in signs if follows(root)), plain.LAYOUT)


def find_roots(env: Environment, home: Path) -> tuple[FoundRoot, ...]:
    """Return the memory directories found on this machine that Kairos may edit, without duplicates."""
    found: dict[Path, FoundRoot] = {}
    finders = (claude_code.find_roots, openclaw.find_roots, hermes.find_roots)
    for root in chain.from_iterable(find(env, home) for find in finders):
        found.setdefault(root.path.resolve(), root)
    return tuple(found.values())

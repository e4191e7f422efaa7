"""Refuses a root inside another: a dream over the outer one would merge away the inner's notes, under another lock."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from kairos.config.globs import matches_glob
from kairos.config.overlap import above, below, is_inside
from kairos.errors import UsageError
from kairos.report.phrases import shell_path
from kairos.store.queries import newest_holding
from kairos.store.state import State


def require_disjoint(root: Path, patterns: Sequence[tuple[str, bool]], state: State) -> None:
    """Raise UsageError if a root lies inside another one, or contains one.

    The other roots are those that the configuration names: `patterns`, each with whether it is enabled. For a root that
    it does not name, they are also those in which something that Kairos did is still in force.
    """
    paths = {os.path.abspath(root), os.path.realpath(root)}  # noqa: PTH100 - realpath is the other one
    for path in paths:
        outer = above(path, [pattern for pattern, enabled in patterns if enabled])
        inner = below(path, [pattern for pattern, _ in patterns])
        if outer or inner:
            raise _overlap(path, outer, inner, "Name only one of them under `roots` in the configuration.")
    if not any(matches_glob(path, pattern) for path in paths for pattern, _ in patterns):
        _apart_from_known(os.path.realpath(root), state)


def _apart_from_known(root: str, state: State) -> None:
    for known in state.roots():
        outer, inner = is_inside(root, known), is_inside(known, root)
        if (outer or inner) and newest_holding(state, known) is not None:
            undo = f"`kairos undo {shell_path(known, '')} --all`"
            advice = f"Dream over {known} instead, or undo what was done there: {undo}."
            raise _overlap(root, known if outer else None, known if inner else None, advice)


def _overlap(root: str, outer: str | None, inner: str | None, advice: str) -> UsageError:
    where = f"lies in {outer}" if outer else f"holds {inner}"
    return UsageError(
        f"{root} {where}, a memory directory of its own: their dreams would take notes from each other.",
        advice,
    )

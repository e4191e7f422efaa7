"""Keys of changes, proposals and conflicts, given in full or by a unique prefix."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from kairos.cli.roots import innermost
from kairos.errors import UsageError

NUMBER = re.compile(r"(t?)(\d{1,18})")
"""A number of `kairos log`: `12` of a dream, `t12` of another transaction."""


class Held(NamedTuple):
    """A key with the root that has it: copies of a directory have the same keys."""

    root: str
    key: str


def full_key(beginning: str, among: Iterable[str], what: str, advice: str) -> str:
    """Return the one key with this prefix; raises UsageError if there is none or more than one."""
    keys = set(among)
    found = sorted(key for key in keys if key.startswith(beginning)) if beginning not in keys else [beginning]
    if not found:
        raise UsageError(f"There is no {what} {beginning}.", advice)
    if len(found) > 1:
        raise UsageError(f"{beginning} matches more than one {what}: {', '.join(found)}.")
    return found[0]


def key_and_root(key: str, root: Path | None) -> tuple[str, Path | None]:
    """Return the key and the root from `KEY [ROOT]`, given in either order."""
    return (str(root), Path(key)) if root is not None and Path(key).is_dir() else (key, root)


def held_key(
    beginning: str,
    among: Collection[Held],
    *,
    root: str | None = None,
    what: str,
    advice: str,
    command: str,
) -> Held:
    """Return the one key with this prefix: in `root`, else in the root we are in, else in the only one that has it.

    Raises UsageError if there is none or more than one. `command` is what the error advises to type before the key.
    """
    held = [one for one in among if root is None or one.root == root]
    key = full_key(beginning, (one.key for one in held), what, advice)
    roots = sorted({one.root for one in held if one.key == key})
    here = innermost(os.getcwd(), roots)  # noqa: PTH109 - compared with strings
    if len(roots) > 1 and here is None:
        raise UsageError(
            f"{key} is in more than one memory directory: {', '.join(roots)}.",
            f"Say which: `{command} {key} DIRECTORY`.",
        )
    return Held(here or roots[0], key)

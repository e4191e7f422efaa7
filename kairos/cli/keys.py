"""Keys of changes, proposals and conflicts, given in full or by a unique prefix."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from kairos.cli.roots import innermost
from kairos.errors import UsageError


class RootedKey(NamedTuple):
    """A key with the root that has it: copies of a directory have the same keys."""

    root: str
    key: str


def complete_prefix(prefix: str, among: Iterable[str], what: str, advice: str) -> str:
    """Return the one key with this prefix; raises UsageError if there is none or more than one."""
    keys = set(among)
    found = sorted(key for key in keys if key.startswith(prefix)) if prefix not in keys else [prefix]
    if not found:
        raise UsageError(f"There is no {what} {prefix}.", advice)
    if len(found) > 1:
        raise UsageError(f"{prefix} matches more than one {what}: {', '.join(found)}.")
    return found[0]


def key_and_root(key: str, root: Path | None) -> tuple[str, Path | None]:
    """Return the key and the root from `KEY [ROOT]`, given in either order."""
    return (str(root), Path(key)) if root is not None and Path(key).is_dir() else (key, root)


def resolve_key(
    prefix: str,
    among: Collection[RootedKey],
    *,
    root: str | None = None,
    what: str,
    advice: str,
    command: str,
) -> RootedKey:
    """Return the one key with this prefix: in `root`, else in the root we are in, else in the only one that has it.

    Raises UsageError if there is none or more than one. `command` is what the error advises to type before the key.
    """
    candidates = [one for one in among if root is None or one.root == root]
    key = complete_prefix(prefix, (one.key for one in candidates), what, advice)
    roots = sorted({one.root for one in candidates if one.key == key})
    here = innermost(os.getcwd(), roots)  # noqa: PTH109 - compared with strings
    if len(roots) > 1 and here is None:
        raise UsageError(
            f"{key} is in more than one memory directory: {', '.join(roots)}.",
            f"Say which: `{command} {key} DIRECTORY`.",
        )
    return RootedKey(here or roots[0], key)

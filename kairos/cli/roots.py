"""Which root a command means."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kairos.cli.timeouts import TimedCall
from kairos.errors import NoSuchRootError, SilenceError, UsageError
from kairos.report.phrases import shell_path

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.config.schema import RootConfig
    from kairos.store.state import State


class NamedRoot(NamedTuple):
    """A root named by the configuration: its real path, and whether it is enabled."""

    real: str
    is_enabled: bool


class NamedRoots(NamedTuple):
    """The roots named by the configuration; `silences` has an error for each line of it that does not answer."""

    roots: tuple[NamedRoot, ...] = ()
    silences: tuple[SilenceError, ...] = ()


def named_roots(config: Config | None) -> NamedRoots:
    """Return all configured roots, with patterns expanded; none if there is no configuration."""
    if config is None or not config.roots:
        return NamedRoots()
    from kairos.config import home_dir

    home = home_dir(os.environ)
    calls = {
        line.path: TimedCall(line.path, partial(_real_paths, config, line, home)) for line in config.roots
    }
    found: dict[str, dict[Path, str]] = {}
    silences = []
    for path, call in calls.items():
        try:
            found[path] = call.result()
        except SilenceError as error:
            silences.append(error)
    real = {path: real for paths in found.values() for path, real in paths.items()}
    named = config.all_roots(home, lambda pattern: found.get(pattern, ()))
    roots = (NamedRoot(real.get(root.path, str(root.path)), root.enabled) for root in named)
    return NamedRoots(tuple(dict.fromkeys(roots)), tuple(silences))


def _real_paths(config: Config, line: RootConfig, home: Path) -> dict[Path, str]:
    """Return the directories that one line names, each with its real path."""
    named = config.replaced(roots=(line,)).all_roots(home)
    return {root.path: os.path.realpath(root.path) for root in named}


def known_root(given: Path, state: State) -> str:
    """Return the real path of a root that the state knows; raises NoSuchRootError for any other."""
    root = os.path.realpath(given)
    if root in state.roots():
        return root
    raise unknown_root(given)


def unknown_root(given: Path) -> NoSuchRootError:
    """Return the error for a directory that the state does not know."""
    if not given.is_dir():
        return NoSuchRootError(
            f"{given} is not a directory.", "`kairos status` lists the directories that Kairos knows."
        )
    path = shell_path(str(given), "")
    return NoSuchRootError(
        f"Kairos has never looked at {given}.",
        f"Run `kairos dream {path}` first. If it was moved, find its old path in `kairos status` and "
        f"run `kairos moved OLD {path}`, which carries its history over.",
    )


def known_root_or_all(given: Path | None, state: State) -> str | None:
    """Return the given root; None, if none is given, stands for all. Raises NoSuchRootError."""
    return None if given is None else known_root(given, state)


def resolve_roots(given: Path | None, state: State) -> tuple[str, ...]:
    """Return the given root, or the one we are in, or all that Kairos knows; raises UsageError if it knows none."""
    known = tuple(state.roots())
    if given is None and len(known) > 1 and innermost(os.getcwd(), known) is None:  # noqa: PTH109 - as below
        return known
    return (resolve_root(given, state),)


def resolve_root(given: Path | None, state: State) -> str:
    """Return the given root, or the one we are in, or the only one; raises UsageError if none of these applies."""
    if given is not None:
        return known_root(given, state)
    known = tuple(state.roots())
    here = innermost(os.getcwd(), known)  # noqa: PTH109 - compared with strings
    if here is not None:
        return here
    if len(known) == 1:
        return known[0]
    if not known:
        raise UsageError("Kairos has never looked at a memory directory.", "Run `kairos dream` first.")
    raise UsageError(f"Say which memory directory you mean, one of: {', '.join(known)}.")


def innermost(path: str, roots: Iterable[str]) -> str | None:
    """Return the deepest of `roots` that is `path` or contains it."""
    real = os.path.realpath(path)
    holding = [root for root in roots if real == root or real.startswith(root.rstrip(os.sep) + os.sep)]
    return max(holding, key=len, default=None)


def located(file: Path, roots: Sequence[str]) -> tuple[str, str] | None:
    """Return (root, path inside it) of a file that is, or was, in one of `roots`; None if it is in none."""
    # Resolve the folder only: a link belongs where it is, not where it leads.
    folder = os.path.realpath(file.absolute().parent)
    root = innermost(folder, roots)
    return None if root is None else (root, Path(folder, file.name).relative_to(root).as_posix())

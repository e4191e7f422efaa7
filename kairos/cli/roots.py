"""Which root a command means."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kairos.cli.timeouts import TimedCall
from kairos.control.root_problem import root_problem
from kairos.errors import NoSuchRootError, SilenceError, UsageError
from kairos.report.phrases import shell_path
from kairos.store.overview import moves

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.config.schema import RootConfig
    from kairos.store.state import State


_GONE_NAMED = 3
"""How many roots that are gone an error names."""

_MISTYPED = 0.7
"""How similar each part of a path must be to that of a root to be taken for mistyped."""


class NamedRoot(NamedTuple):
    """A root named by the configuration: its real path, whether it is enabled, and what is wrong with its directory."""

    real: str
    is_enabled: bool
    problem: str | None = None


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
    calls = {line.path: TimedCall(line.path, partial(_look_at, config, line, home)) for line in config.roots}
    found: dict[str, dict[Path, _Look]] = {}
    silences = []
    for path, call in calls.items():
        try:
            found[path] = call.result()
        except SilenceError as error:
            silences.append(error)
    looks = {path: look for paths in found.values() for path, look in paths.items()}
    named = config.all_roots(home, lambda pattern: found.get(pattern, ()))
    roots = []
    for root in named:
        look = looks.get(root.path, _Look(str(root.path)))
        roots.append(NamedRoot(look.real, root.enabled, look.problem))
    return NamedRoots(tuple(dict.fromkeys(roots)), tuple(silences))


class _Look(NamedTuple):
    """The real path of a directory, and what is wrong with it."""

    real: str
    problem: str | None = None


def _look_at(config: Config, line: RootConfig, home: Path) -> dict[Path, _Look]:
    """Return what one line of the configuration names, with a look at each directory."""
    found = {}
    for root in config.replaced(roots=(line,)).all_roots(home):
        real = os.path.realpath(root.path)
        found[root.path] = _Look(real, root_problem(Path(real)))
    return found


def known_root(given: Path, state: State) -> str:
    """Return the real path of a root that the state knows; raises NoSuchRootError for any other."""
    root = os.path.realpath(given)
    if root in state.roots():
        return root
    raise unknown_root(given, state.roots(), moves(state))


def unknown_root(given: Path, roots: Iterable[str], moved: Mapping[str, str]) -> NoSuchRootError:
    """Return the error for a directory that is none of `roots`, with what was most likely meant.

    `moved` says where the history of a path that was left is now.
    """
    real, known = os.path.realpath(given), tuple(roots)
    if given.is_dir():
        return _never_looked_at(given, real, known)
    if real in moved:
        return NoSuchRootError(
            f"{given} is gone: its history was carried over to {moved[real]}.", "Use that path from now on."
        )
    what = f"{given} {'is not a directory' if os.path.lexists(given) else 'does not exist'}."
    outer, similar = innermost(real, known), _similar(real, known)
    if outer is not None:
        return NoSuchRootError(what, f"Give the memory directory that it is in: {outer}.")
    if similar is not None:
        return NoSuchRootError(what, f"Did you mean {similar}?")
    return NoSuchRootError(what, "`kairos status` lists the directories that Kairos knows.")


def _never_looked_at(given: Path, real: str, roots: Sequence[str]) -> NoSuchRootError:
    outer = innermost(real, roots)
    if outer is not None:
        return NoSuchRootError(
            f"{given} is part of the memory directory {outer}, which Kairos only knows as a whole.",
            "Give that one.",
        )
    path = shell_path(real if given.is_symlink() else str(given), "")
    moved, dream = advice_if_moved(path, roots), f"`kairos dream {path}`"
    advice = f"{moved}; otherwise, {dream}." if moved else f"Run {dream} first."
    return NoSuchRootError(f"Kairos has never looked at {given}.", advice)


def advice_if_moved(path: str, roots: Iterable[str]) -> str:
    """Return what to run if one of `roots` that is gone is now at a path (as a shell reads it); "" if none is gone."""
    gone = _gone(roots)
    if not gone:
        return ""
    if len(gone) == 1:
        return f"If it was moved here from {gone[0]}, run `kairos moved {shell_path(gone[0], '')} {path}`"
    old = f"one of {', '.join(gone)}" if len(gone) <= _GONE_NAMED else "in `kairos status`"
    return f"If it was moved here, run `kairos moved OLD {path}`, where OLD is {old}"


def _gone(roots: Iterable[str]) -> list[str]:
    """Return those of `roots` whose directory is gone; one that does not answer may still be there."""
    from kairos.store.moved import is_gone

    calls = {root: TimedCall(root, partial(is_gone, root)) for root in roots}
    gone = []
    for root, call in calls.items():
        with suppress(SilenceError):
            gone += [root] if call.result() else []
    return gone


def _similar(path: str, roots: Iterable[str]) -> str | None:
    """Return the root that a path may be a mistyped form of, if any: each part of the one is similar to the other's."""
    from difflib import SequenceMatcher

    wanted = Path(path).parts

    def likeness(root: str) -> float:
        parts = Path(root).parts
        ratios = (SequenceMatcher(None, one, other).ratio() for one, other in zip(wanted, parts, strict=True))
        return min(ratios) if len(parts) == len(wanted) else 0.0

    best = max(roots, key=likeness, default=None)
    return best if best is not None and likeness(best) >= _MISTYPED else None


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

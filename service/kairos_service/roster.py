"""The roster: which roots there are now, and what became of those that were there before."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from kairos.config import Config, ConfiguredRoot
from kairos.control.ledger import SeenRoot
from kairos.control.root_problem import GONE, absence_problem, access_problem
from kairos.layouts import detect
from kairos_service.looks import Looks, NoAnswerError
from kairos_service.places import Survey

FORGET_AFTER = timedelta(days=7)
"""How long a root that no pattern matches any more is still listed."""

OFF = "It is switched off in the configuration."
"""The problem of a root that is disabled, or leads to one that is: it is listed but otherwise ignored."""

SILENT = "It does not answer: its server or disk may be gone. It is watched again as soon as it does."
"""The problem of a root for which a look has not returned."""

Identity = tuple[int, int]
"""Device and inode of a directory: unchanged by a rename, different once another directory takes its path."""

_FROM_EARLIER_DAEMON: Identity = (-1, -1)
"""The identity of a root known only from an earlier daemon: device numbers do not survive a reboot."""


@dataclass(frozen=True, slots=True)
class KnownRoot:
    """A root as it was last seen. Only one without a `problem` is watched and dreamt over.

    `real` is its path without links; for a root that is gone, the one it had. `since` is when the problem, or else the
    root, was first seen, and `replaced_at` when another directory was found in its place.
    """

    configured: ConfiguredRoot
    real: Path
    identity: Identity | None
    layout: str
    problem: str | None
    since: datetime
    replaced_at: datetime | None = None

    @property
    def path(self) -> Path:
        """The path as configured."""
        return self.configured.path

    @property
    def is_enabled(self) -> bool:
        """Whether anybody wants it looked after."""
        return self.problem != OFF

    @property
    def fault(self) -> str | None:
        """What is wrong with it, if anything; being switched off is not a fault."""
        return self.problem if self.is_enabled else None

    @property
    def fault_since(self) -> datetime | None:
        """Since when that is wrong."""
        return None if self.fault is None else self.since


class Roster:
    """The roots of one configuration; a new configuration needs a new roster.

    For one thread at a time, which waits for file systems no longer than the patience of `looks`. `seen` is what the
    last daemon saw: what became of those roots since is noticed as if that daemon had never stopped.
    """

    def __init__(
        self,
        config: Config,
        home: Path,
        looks: Looks | None = None,
        *,
        seen: Mapping[str, SeenRoot] | None = None,
    ) -> None:
        self._config = config
        self._home = home
        self._looks = looks or Looks()
        self._survey = Survey(home, self._looks)
        self._roots = {Path(path): _remembered(Path(path), root) for path, root in (seen or {}).items()}
        self._places: Mapping[Path, frozenset[str]] = {}

    @property
    def roots(self) -> tuple[KnownRoot, ...]:
        """All roots, including those with a problem, in the order of the configuration."""
        return tuple(self._roots.values())

    @property
    def seen(self) -> Mapping[str, SeenRoot]:
        """What the next daemon should know about the roots that ever existed."""
        return {
            str(root.path): SeenRoot(str(root.real), root.since, root.problem)
            for root in self.roots
            if root.identity is not None
        }

    def look(self, now: datetime) -> None:
        """Expand all patterns again and find out what became of each root."""
        before = self._roots
        after: dict[Path, KnownRoot] = {}
        taken: dict[Identity, Path] = {}
        self._survey.look(root.path for root in self._config.roots)
        named = self._config.all_roots(self._home, self._survey.matches)
        found = tuple(self._examined(named, now))
        off = {root.real for root in found if not root.configured.enabled}
        for seen in found:
            root = _with_problem(seen, OFF, before.get(seen.path), now) if seen.real in off else seen
            if root.identity is not None and root.problem is None:
                first = taken.setdefault(root.identity, root.path)
                if first != root.path:
                    twin = f"It is the same directory as {first}."
                    root = _with_problem(root, twin, before.get(root.path), now)
            after[root.path] = root
        for path, root in before.items():
            problem = None if path in after else self._problem_of_unmatched(root)
            if problem is not None:  # no pattern matches it any more
                lost = _with_problem(root, problem, root, now)
                if now - lost.since < FORGET_AFTER:
                    after[path] = lost
        self._roots = after
        patterns = [root.path for root in self._config.roots if root.enabled]
        known = [root.path for root in after.values() if root.problem not in {OFF, SILENT}]
        self._places = self._survey.places(patterns, known)

    def places(self) -> Mapping[Path, frozenset[str]]:
        """Return the directories in which roots can appear or vanish, with their name patterns, as of the last look."""
        return self._places

    def _problem_of_unmatched(self, root: KnownRoot) -> str | None:
        """Return the problem of a root that no pattern matches any more, or None if it need not be listed."""
        if not root.is_enabled or root.identity is None:
            return None
        try:
            is_there = self._looks.run(root.real, partial(os.path.isdir, root.path))
        except NoAnswerError:
            return SILENT
        return None if is_there else GONE  # if it is there, the configuration dropped it

    def _examined(self, roots: Iterable[ConfiguredRoot], now: datetime) -> Iterator[KnownRoot]:
        """Yield each root as it is now. All are examined concurrently, so that hanging ones cost a single timeout."""
        looked: list[tuple[ConfiguredRoot, KnownRoot | None, Future[KnownRoot]]] = []
        for configured in roots:
            old = self._roots.get(configured.path)
            place = configured.path if old is None else old.real
            looked.append(
                (configured, old, self._looks.submit(place, partial(_examine, configured, old, now)))
            )
        for configured, old, look in looked:
            try:
                yield look.result()
            except NoAnswerError:
                root = KnownRoot(configured, configured.path, None, configured.layout or "plain", None, now)
                root = root if old is None else replace(old, configured=configured)
                yield _with_problem(root, SILENT, old, now)


def _examine(configured: ConfiguredRoot, old: KnownRoot | None, now: datetime) -> KnownRoot:
    """Return a configured root as it is now; `old` is how it was last seen."""
    real = Path(os.path.realpath(configured.path))
    old = None if old is None else replace(old, configured=configured)
    was_there = old is not None and old.identity is not None
    try:
        status = real.stat()
    except OSError as error:
        root = old or KnownRoot(configured, real, None, configured.layout or "plain", None, now)
        return _with_problem(root, absence_problem(error, was_there=was_there), old, now)
    if old is not None and was_there and old.real != real:
        # The new target may be anything: nobody asked for it to be cleaned up.
        problem = (
            f"It now leads to {real}, and led to {old.real} before. If that is right, reload the daemon."
        )
        return _with_problem(old, problem, old, now)
    identity = (status.st_dev, status.st_ino)
    is_same = old is not None and old.identity == identity
    layout = old.layout if old is not None and is_same else configured.layout or detect(real).name
    since = old.since if old is not None and is_same and old.problem is None else now
    replaced_at = old.replaced_at if old is not None else None
    if old is not None and was_there and old.identity not in {identity, _FROM_EARLIER_DAEMON}:
        replaced_at = now
    root = KnownRoot(configured, real, identity, layout, None, since, replaced_at)
    denial = access_problem(real, status)
    return _with_problem(root, denial, old, now) if denial else root


def _remembered(path: Path, seen: SeenRoot) -> KnownRoot:
    """Return a root that the last daemon saw; the first look finds its line of the configuration."""
    configured = ConfiguredRoot(path, None)
    return KnownRoot(configured, Path(seen.real), _FROM_EARLIER_DAEMON, "plain", seen.problem, seen.since)


def _with_problem(root: KnownRoot, problem: str, old: KnownRoot | None, now: datetime) -> KnownRoot:
    """Return `root` with a problem; `since` is kept from `old` if that had the same problem."""
    since = old.since if old is not None and old.problem == problem else now
    return replace(root, problem=problem, since=since)

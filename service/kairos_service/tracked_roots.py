"""All roots that the daemon looks after, and what it remembers about them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from kairos.config import Config
from kairos.control.ledger import RootRecord, read_ledger
from kairos.control.status import GcRecord
from kairos.errors import KairosError
from kairos.store.database import NAME
from kairos.store.lock import is_worked_on
from kairos.store.overview import interrupted, open_overview, overview
from kairos_service.blocking import GateBlock
from kairos_service.census import EMPTY, Census
from kairos_service.clock import Clock
from kairos_service.dreams import DreamRequest, DreamResult
from kairos_service.gates import GateVerdict
from kairos_service.logs import fields
from kairos_service.looks import Looks, NoAnswerError, run_in_thread
from kairos_service.machine import load_per_core, power
from kairos_service.receipts import baseline_without_own_writes, matching_known_state
from kairos_service.roster import KnownRoot, Roster
from kairos_service.scope import Scope
from kairos_service.sight import see
from kairos_service.tracked_root import Surroundings, TrackedRoot

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moves:
    """The result of a look at the roster: `came` must be (re)watched from now on, `went` no longer.

    A root whose directory or scope changed is in both.
    """

    came: tuple[TrackedRoot, ...]
    went: tuple[KnownRoot, ...]


class TrackedRoots:
    """The tracked roots of a configuration. Lives in the event loop; slow looks run in threads."""

    def __init__(
        self, config: Config, home: Path, state_dir: Path, clock: Clock, looks: Looks | None = None
    ) -> None:
        self.config = config
        self.ledger = read_ledger(state_dir)
        self._home = home
        self._state_dir = state_dir
        self._clock = clock
        self._looks = looks or Looks()
        self._roster = Roster(config, home, self._looks, seen=self.ledger.seen)
        self._tracked: dict[str, TrackedRoot] = {}
        self._looking = asyncio.Lock()
        self._saving = asyncio.Lock()
        self._saved = self.ledger
        if self.ledger.problem:
            _LOG.warning("the ledger starts afresh", extra=fields(problem=self.ledger.problem))

    def __iter__(self) -> Iterator[TrackedRoot]:
        return iter(tuple(self._tracked.values()))

    def get(self, root_id: str) -> TrackedRoot | None:
        """Return the root with this real path."""
        return self._tracked.get(root_id)

    @property
    def directories(self) -> int:
        """How many directories hold notes in all roots together, as of the latest counts."""
        below = {
            f"{tracked.id}/{path}".rpartition("/")[0]
            for tracked in self
            for path in (tracked.count or EMPTY).files
        }
        return len(below | set(self._tracked))

    def configure(self, config: Config) -> None:
        """Switch to another configuration as of the next look.

        The new roster remembers nothing: wherever a configured path leads at that look is accepted.
        """
        self.config = config
        self._roster = Roster(config, self._home, self._looks)

    def places(self) -> Mapping[Path, frozenset[str]]:
        """Return the directories in which roots can appear or vanish, each with the name patterns to watch for."""
        return self._roster.places()

    async def look(self) -> Moves:
        """Find out which roots there are now. Afterwards exactly the roots of the roster are tracked."""
        async with self._looking:
            roster = self._roster  # `configure` may replace it meanwhile; the next look uses the new one
            await run_in_thread(roster.look, self._clock.now())
            if roster.seen != self.ledger.seen:
                self.ledger = replace(self.ledger, seen=roster.seen)
            dreams, interrupted_ids = await run_in_thread(self._read_state)
            before = {
                tracked.id: (tracked.known, tracked.scope)
                for tracked in self
                if tracked.known.problem is None
            }
            known = {str(root.real): root for root in _healthy_last(roster.roots)}
            for gone in set(self._tracked) - set(known):
                del self._tracked[gone]
            for root_id, root in known.items():
                self._update(root_id, root, dreams.get(root_id))
                self._tracked[root_id].is_interrupted = root_id in interrupted_ids
            return self._moves_since(before)

    def _moves_since(self, before: Mapping[str, tuple[KnownRoot, Scope]]) -> Moves:
        after = {tracked.id: tracked for tracked in self if tracked.known.problem is None}
        stayed = {
            root_id
            for root_id, (root, scope) in before.items()
            if root_id in after
            and (after[root_id].known.identity, after[root_id].scope) == (root.identity, scope)
        }
        return Moves(
            came=tuple(tracked for root_id, tracked in after.items() if root_id not in stayed),
            went=tuple(root for root_id, (root, _) in before.items() if root_id not in stayed),
        )

    def _update(self, root_id: str, root: KnownRoot, dreamt: datetime | None) -> None:
        scope = Scope.of(root.layout, self.config)
        tracked = self._tracked.get(root_id)
        if tracked is None:
            self._tracked[root_id] = TrackedRoot(root, scope, self.ledger.of(root_id), dreamt=dreamt)
            return
        if tracked.known.identity != root.identity:  # another directory has its name now
            tracked.forget_count()
        tracked.known, tracked.scope, tracked.dreamt = root, scope, dreamt

    def _read_state(self) -> tuple[Mapping[str, datetime], frozenset[str]]:
        """Return when each root was last dreamt over, by anyone, and which roots a crash left half done.

        Both are empty if the state cannot be read.
        """
        directory = self._state_dir if (self._state_dir / NAME).exists() else None
        try:
            with open_overview(directory) as state:
                worked_on = partial(is_worked_on, self._state_dir / "locks")
                dreams = {row.root: row.last.at for row in overview(state) if row.last}
                return dreams, interrupted(state, worked_on)
        except (KairosError, OSError) as error:
            _LOG.warning("the state cannot be read", extra=fields(error=error))
            return {}, frozenset()

    async def count(self, tracked: TrackedRoot) -> None:
        """Count the notes of a root, or join a count in progress. An unreadable root keeps its last count."""
        if tracked.known.problem is not None:
            return
        if tracked.counting is None:
            tracked.counting = asyncio.ensure_future(self._count(tracked))
        await asyncio.shield(tracked.counting)

    async def _count(self, tracked: TrackedRoot) -> None:
        try:
            found = await self.counted(tracked)
            if found is not None:
                await self._absorb_own_changes(tracked, found)
                tracked.take_count(found, self._clock.now())
        finally:
            tracked.counting = None

    async def _absorb_own_changes(self, tracked: TrackedRoot, count: Census) -> None:
        """Move the baseline over whatever Kairos itself read or wrote, so that it does not count as a change.

        It does not matter who started that: the daemon, the command line or another program.
        """
        before, real = tracked.baseline, tracked.known.real
        if count == before:
            return
        try:
            learnt = await self._looks.run_async(
                real, partial(baseline_without_own_writes, self._state_dir, real, before, count)
            )
        except NoAnswerError:
            return
        if learnt is not before and tracked.baseline is before:  # no dream of ours ended meanwhile
            tracked.learn(learnt)
            self.remember(tracked, tracked.record)

    async def counted(self, tracked: TrackedRoot) -> Census | None:
        """Return a fresh count of a root's notes, or None if it cannot be read.

        Also records what the look saw besides the notes: transcripts and the agent's lock.
        """
        work = partial(
            see, tracked.known.real, tracked.scope, now=self._clock.now(), since=tracked.last_success
        )
        try:
            sight = await self._looks.run_async(tracked.known.real, work)
        except OSError:
            return None
        tracked.activity = sight.activity
        return sight.notes

    def is_silent(self, tracked: TrackedRoot) -> bool:
        """Whether a root's file system does not answer, even if the roster does not list that as its problem yet."""
        return self._looks.is_silent(tracked.known.real)

    async def real(self, root: str) -> Path | None:
        """Return the real path of what may be a root; None if its file system does not answer."""
        for tracked in self:
            if root in (tracked.id, str(tracked.known.path)):
                return tracked.known.real
        with suppress(OSError):
            return Path(await self._looks.run_async(Path(root), partial(os.path.realpath, root)))
        return None

    # --- what is remembered ---

    def record_due(self, tracked: TrackedRoot) -> None:
        """Record that a root is owed a dream, from now on unless it already was."""
        now = self._clock.now()
        self.remember(
            tracked, replace(tracked.record, last_looked=now, due_since=tracked.record.due_since or now)
        )

    def clear_due(self, tracked: TrackedRoot) -> None:
        """Record that a root is owed nothing any more: no dream is wanted now."""
        self.remember(tracked, replace(tracked.record, due_since=None, kept_by=None, kept_since=None))

    def record_blocked(self, tracked: TrackedRoot, gate: GateVerdict) -> None:
        """Record which gate holds a dream back, and log a warning once that has lasted more than a week."""
        record, now = tracked.record, self._clock.now()
        before = (
            GateBlock(record.kept_by, record.kept_since) if record.kept_by and record.kept_since else None
        )
        block = GateBlock.after(before, gate.name, now)
        warning = block.warning(now)
        if warning and not tracked.is_warned_of:
            _LOG.warning("a root is kept from dreaming", extra=fields(root=tracked.id, why=warning))
        tracked.is_warned_of = warning is not None
        self.remember(tracked, replace(record, kept_by=block.gate, kept_since=block.since))

    async def still_ours(
        self, tracked: TrackedRoot, result: DreamResult, after: Census | None
    ) -> Collection[str]:
        """Return the paths that a dream wrote and nobody has overwritten, as of the count `after`.

        Empty if there is no count or the file system does not answer.
        """
        if after is None:
            return ()
        real = tracked.known.real
        try:
            return await self._looks.run_async(
                real, partial(matching_known_state, self._state_dir, real, result.done, after)
            )
        except NoAnswerError:
            return ()

    def record_end(
        self,
        tracked: TrackedRoot,
        request: DreamRequest,
        result: DreamResult,
        after: Census | None,
        ours: Collection[str] = (),
    ) -> None:
        """Remember how a dream ended. `ours` are the paths that are still exactly as it left them."""
        tracked.end(request, result, after, self._clock.now(), ours=ours)
        self.remember(tracked, tracked.record)

    def record_gc(self, record: GcRecord) -> None:
        """Remember the latest garbage collection of originals."""
        self.ledger = replace(self.ledger, gc=record)

    def remember(self, tracked: TrackedRoot, record: RootRecord) -> None:
        """Replace what is remembered about a root; `save` writes it to disk."""
        if record == tracked.record and record == self.ledger.of(tracked.id):
            return
        tracked.remember(record)
        self.ledger = self.ledger.with_root(tracked.id, record)

    def pause(self, root_id: str | None, until: datetime | None) -> None:
        """Pause one root, or all of them if `root_id` is None. `until=None` ends the pause.

        Resuming all roots also ends the pauses of single roots.
        """
        if root_id is not None:
            record = replace(self.ledger.of(root_id), paused_until=until)
            self._set_record(root_id, record)
            return
        self.ledger = replace(self.ledger, paused_until=until)
        for name in self.ledger.roots if until is None else ():
            self._set_record(name, replace(self.ledger.of(name), paused_until=None))

    def _set_record(self, root_id: str, record: RootRecord) -> None:
        self.ledger = self.ledger.with_root(root_id, record)
        tracked = self._tracked.get(root_id)
        if tracked is not None:
            tracked.remember(record)

    async def save(self) -> KairosError | None:
        """Write what is remembered to disk, if it changed. An error is logged and returned; it never costs a dream."""
        async with self._saving:
            ledger = self.ledger
            if ledger is self._saved:
                return None
            try:
                await run_in_thread(ledger.write, self._state_dir)
            except KairosError as error:
                _LOG.error("the ledger could not be written", extra=fields(error=error))
                return error
            self._saved = ledger
            return None

    # --- what follows ---

    def surroundings(self) -> Surroundings:
        """Return the conditions that hold for all roots right now."""
        return Surroundings(self._clock.now(), self.config.daemon.backoff, load_per_core(), power())

    def verdicts(self, tracked: TrackedRoot, around: Surroundings) -> tuple[GateVerdict, ...]:
        """Return the verdict of every gate on a root, as of its latest count."""
        return tracked.verdicts(around, self.ledger.paused(tracked.id, around.now))


def _healthy_last(roots: tuple[KnownRoot, ...]) -> list[KnownRoot]:
    """Sort roots without a problem last: of several with the same real path the last one wins."""
    return sorted(roots, key=lambda root: root.problem is None)

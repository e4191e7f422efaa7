"""All roots that the daemon looks after, and what it remembers of them."""

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
from kairos.control.standing import GcRecord
from kairos.errors import KairosError
from kairos.store.database import NAME
from kairos.store.lock import is_worked_on
from kairos.store.overview import interrupted, open_overview, overview
from kairos_service.care import EMPTY, Care, Surroundings
from kairos_service.census import Census
from kairos_service.clock import Clock
from kairos_service.dreams import DreamRequest, DreamResult
from kairos_service.gates import GateVerdict, first_shut
from kairos_service.kept import Kept, kept
from kairos_service.logs import note
from kairos_service.looks import Looks, NoAnswerError, away
from kairos_service.machine import load_per_core, power
from kairos_service.receipts import as_known, without_ours
from kairos_service.roster import KnownRoot, Roster
from kairos_service.scope import Scope
from kairos_service.sight import see

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moves:
    """What a look found: the roots to be watched from now on, or anew, and those to be watched no longer."""

    came: tuple[Care, ...]
    went: tuple[KnownRoot, ...]


class Household:
    """The roots of a configuration, each with its care. Lives in the event loop; slow looks run in threads."""

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
        self._cares: dict[str, Care] = {}
        self._looking = asyncio.Lock()
        self._saving = asyncio.Lock()
        self._saved = self.ledger
        if self.ledger.problem:
            _LOG.warning("the ledger starts afresh", extra=note(problem=self.ledger.problem))

    def __iter__(self) -> Iterator[Care]:
        return iter(tuple(self._cares.values()))

    def get(self, root_id: str) -> Care | None:
        """Return the care of a root, by its real path."""
        return self._cares.get(root_id)

    @property
    def directories(self) -> int:
        """How many directories with notes the roots have, as of the newest counts."""
        below = {
            f"{care.id}/{path}".rpartition("/")[0] for care in self for path in (care.count or EMPTY).files
        }
        return len(below | set(self._cares))

    def configure(self, config: Config) -> None:
        """Follow another configuration from the next look on: wherever its roots lead then is what is meant."""
        self.config = config
        self._roster = Roster(config, self._home, self._looks)

    def places(self) -> Mapping[Path, frozenset[str]]:
        """Return the directories in which roots come and go."""
        return self._roster.places()

    async def look(self) -> Moves:
        """See which roots there are now; all that are spoken of have a care afterwards, and no others."""
        async with self._looking:
            roster = self._roster  # a new configuration counts from the next look on
            await away(roster.look, self._clock.now())
            if roster.seen != self.ledger.seen:
                self.ledger = replace(self.ledger, seen=roster.seen)
            dreams, halves = await away(self._past)
            before = {care.id: (care.known, care.scope) for care in self if care.known.problem is None}
            known = {str(root.real): root for root in _by_problem(roster.roots)}
            for gone in set(self._cares) - set(known):
                del self._cares[gone]
            for root_id, root in known.items():
                self._take_on(root_id, root, dreams.get(root_id))
                self._cares[root_id].is_interrupted = root_id in halves
            return self._moves(before)

    def _moves(self, before: Mapping[str, tuple[KnownRoot, Scope]]) -> Moves:
        after = {care.id: care for care in self if care.known.problem is None}
        stayed = {
            root_id
            for root_id, (root, scope) in before.items()
            if root_id in after
            and (after[root_id].known.identity, after[root_id].scope) == (root.identity, scope)
        }
        return Moves(
            came=tuple(care for root_id, care in after.items() if root_id not in stayed),
            went=tuple(root for root_id, (root, _) in before.items() if root_id not in stayed),
        )

    def _take_on(self, root_id: str, root: KnownRoot, dreamt: datetime | None) -> None:
        scope = Scope.of(root.layout, self.config)
        care = self._cares.get(root_id)
        if care is None:
            self._cares[root_id] = Care(root, scope, self.ledger.of(root_id), dreamt=dreamt)
            return
        if care.known.identity != root.identity:  # another directory has its name now
            care.forget_count()
        care.known, care.scope, care.dreamt = root, scope, dreamt

    def _past(self) -> tuple[Mapping[str, datetime], frozenset[str]]:
        """When each root was last dreamt over, by whomever, and which a crash left half done; nothing where the
        state cannot be read."""
        directory = self._state_dir if (self._state_dir / NAME).exists() else None
        try:
            with open_overview(directory) as state:
                worked_on = partial(is_worked_on, self._state_dir / "locks")
                dreams = {row.root: row.last.at for row in overview(state) if row.last}
                return dreams, interrupted(state, worked_on)
        except (KairosError, OSError) as error:
            _LOG.warning("the state cannot be read", extra=note(error=error))
            return {}, frozenset()

    async def count(self, care: Care) -> None:
        """Count the notes of a root, or wait for who does; one that cannot be read keeps its last count."""
        if care.known.problem is not None:
            return
        if care.counting is None:
            care.counting = asyncio.ensure_future(self._count(care))
        await asyncio.shield(care.counting)

    async def _count(self, care: Care) -> None:
        try:
            found = await self.counted(care)
            if found is not None:
                await self._learn(care, found)
                care.take_count(found, self._clock.now())
        finally:
            care.counting = None

    async def _learn(self, care: Care, count: Census) -> None:
        """Take what Kairos read or wrote itself, whoever had it do so, for no change."""
        before, real = care.baseline, care.known.real
        if count == before:
            return
        try:
            learnt = await self._looks.ask(real, partial(without_ours, self._state_dir, real, before, count))
        except NoAnswerError:
            return
        if learnt is not before and care.baseline is before:  # no dream of ours ended meanwhile
            care.learn(learnt)
            self.remember(care, care.record)

    async def counted(self, care: Care) -> Census | None:
        """Return a fresh count of a root's notes, and note what is beside them; None where it cannot be read."""
        work = partial(see, care.known.real, care.scope, now=self._clock.now(), since=care.last_success)
        try:
            sight = await self._looks.ask(care.known.real, work)
        except OSError:
            return None
        care.beside = sight.beside
        return sight.notes

    def is_silent(self, care: Care) -> bool:
        """Whether a root does not answer, though that may not be known as its problem yet."""
        return self._looks.is_silent(care.known.real)

    async def real(self, root: str) -> Path | None:
        """Return the real path of what may be a root; None where nobody can say now."""
        for care in self:
            if root in (care.id, str(care.known.path)):
                return care.known.real
        with suppress(OSError):
            return Path(await self._looks.ask(Path(root), partial(os.path.realpath, root)))
        return None

    # --- what is remembered ---

    def note_due(self, care: Care) -> None:
        """Owe a root a dream."""
        now = self._clock.now()
        self.remember(care, replace(care.record, last_looked=now, due_since=care.record.due_since or now))

    def note_done(self, care: Care) -> None:
        """Owe a root nothing any more: no dream is wanted now."""
        self.remember(care, replace(care.record, due_since=None, kept_by=None, kept_since=None))

    def note_kept(self, care: Care, found: tuple[GateVerdict, ...]) -> None:
        """Remember which gate keeps a dream out, and say so when that has lasted for a week."""
        record, now = care.record, self._clock.now()
        before = Kept(record.kept_by, record.kept_since) if record.kept_by and record.kept_since else None
        after = kept(before, found, now)
        if after is None:
            record = replace(record, kept_by=None, kept_since=None)
        else:
            record = replace(record, kept_by=after.gate, kept_since=after.since)
            warning = after.warning(now)
            if warning and not care.is_warned_of:
                _LOG.warning("a root is kept from dreaming", extra=note(root=care.id, why=warning))
            care.is_warned_of = warning is not None
        self.remember(care, record)

    async def still_ours(self, care: Care, result: DreamResult, after: Census | None) -> Collection[str]:
        """Return what of a dream's own writes nobody wrote over since, as of a count; none where nobody can say."""
        if after is None:
            return ()
        real = care.known.real
        try:
            return await self._looks.ask(real, partial(as_known, self._state_dir, real, result.done, after))
        except NoAnswerError:
            return ()

    def note_end(
        self,
        care: Care,
        request: DreamRequest,
        result: DreamResult,
        after: Census | None,
        ours: Collection[str] = (),
    ) -> None:
        """Remember how a dream ended; `ours` are the paths where everything is as it left it."""
        care.end(request, result, after, self._clock.now(), ours=ours)
        self.remember(care, care.record)

    def note_gc(self, record: GcRecord) -> None:
        """Remember what was let go, and when."""
        self.ledger = replace(self.ledger, gc=record)

    def remember(self, care: Care, record: RootRecord) -> None:
        """Replace what is remembered of a root; `save` writes it down."""
        if record == care.record and record == self.ledger.of(care.id):
            return
        care.remember(record)
        self.ledger = self.ledger.with_root(care.id, record)

    def pause(self, root_id: str | None, until: datetime | None) -> None:
        """Pause a root, or all; None ends the pause, and without a root those of every root too."""
        if root_id is not None:
            record = replace(self.ledger.of(root_id), paused_until=until)
            self._set_record(root_id, record)
            return
        self.ledger = replace(self.ledger, paused_until=until)
        for name in self.ledger.roots if until is None else ():
            self._set_record(name, replace(self.ledger.of(name), paused_until=None))

    def _set_record(self, root_id: str, record: RootRecord) -> None:
        self.ledger = self.ledger.with_root(root_id, record)
        care = self._cares.get(root_id)
        if care is not None:
            care.remember(record)

    async def save(self) -> KairosError | None:
        """Write down what is remembered, if it changed; a disk that takes nothing costs no dream, and is returned."""
        async with self._saving:
            ledger = self.ledger
            if ledger is self._saved:
                return None
            try:
                await away(ledger.write, self._state_dir)
            except KairosError as error:
                _LOG.error("the ledger could not be written", extra=note(error=error))
                return error
            self._saved = ledger
            return None

    # --- what follows ---

    def surroundings(self) -> Surroundings:
        """Return what holds for all roots right now."""
        return Surroundings(self._clock.now(), self.config.daemon.backoff, load_per_core(), power())

    def verdicts(self, care: Care, around: Surroundings) -> tuple[GateVerdict, ...]:
        """Return the verdict of each gate on a root, as of its newest count."""
        return care.verdicts(around, self.ledger.paused(care.id, around.now))

    def is_wanted(self, found: tuple[GateVerdict, ...]) -> bool:
        """Whether a dream is owed as long as it is kept out: not where nothing changed, or the last is recent."""
        shut = first_shut(found)
        return shut is None or kept(None, found, self._clock.now()) is not None


def _by_problem(roots: tuple[KnownRoot, ...]) -> list[KnownRoot]:
    """Return the roots so that of those with one real path a sound one comes last, and counts."""
    return sorted(roots, key=lambda root: root.problem is None)

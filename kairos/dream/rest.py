"""Skips the dream over a root at rest: one whose last dream found nothing to do.

The outcome of that dream is kept as a rest, and returned again until something changes: the root, the decisions about
it, the configuration, the models, Kairos itself, a library that it uses, or the date. Checking this needs neither numpy
nor models: it costs one walk over the names and times of the root, and reads only notes that were still fresh. Any
doubt leads to a full dream. With a language model configured there is no rest, since what it still has to be asked is
not known beforehand.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import kairos
from kairos.config import Config, cache_dir, model_path, state_dir
from kairos.config.parsed_cache import write_private
from kairos.config.root_cache import RESTS, root_file
from kairos.dream.outcome import Mode, Outcome, Status
from kairos.errors import KairosError
from kairos.layouts import LAYOUTS
from kairos.model import Snapshot
from kairos.store.agents_lock import lock_holder
from kairos.store.codec import from_json, to_json
from kairos.store.database import NAME
from kairos.store.fingerprint import Fingerprint, take_fingerprint
from kairos.store.knowledge_digest import decisions_digest, findings_digest
from kairos.store.lock import RootLock
from kairos.store.state import State, root_name
from kairos.store.tree import Tree

_LIBRARIES = (
    *("markdown_it", "yaml"),
    *("faiss", "numpy", "onnx", "onnxruntime", "sentence_transformers", "tokenizers", "torch"),
)
"""What a dream parses, embeds and compares with. They are only located here: importing them would take too long."""
_HUB_PREFIX = "models--"
"""Prefix of a model's directory in the cache of the Hugging Face hub."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What held before a dream: the time in nanoseconds, and a digest of what was decided about the root."""

    at_ns: int
    decided: str


@dataclass(frozen=True, slots=True)
class Rest:
    """What is kept of a dream that left nothing to do.

    `circumstances`, `decided`, `found` and `census` are digests: of the configuration, date, code and models; of the
    decisions about the root; of what its dreams found, as the state has it; of the fingerprint of the root. `fresh`
    maps notes written too recently for their times to prove anything to their sha256. `dream` is the dream's number,
    `outcome` its outcome as JSON.
    """

    circumstances: str
    layout: str
    models: tuple[str, ...]
    decided: str
    found: str
    census: str
    fresh: Mapping[str, str]
    dream: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Rests:
    """The rests of all roots, for one configuration and one moment."""

    config: Config
    env: Mapping[str, str]
    now: datetime

    # --- what an unchanged root answers ---

    def outcome(self, root: Path, mode: Mode) -> Outcome | None:
        """Return the outcome that a full dream would have, and record the dream as it would; None if one is needed.

        Errors lead to None as well: the full dream reports them.
        """
        file = self._rest_path(root)
        try:
            rest: object = from_json(Rest, file.read_text(encoding="ascii"))
            if not isinstance(rest, Rest) or rest.layout not in LAYOUTS:
                return None
            if mode is Mode.PREVIEW:
                with closing(State.open_existing(self._state_dir)) as state:
                    holds = self._revalidated(rest, root, state) is not None
                answer = from_json(Outcome, rest.outcome)
                return replace(answer, status=Status.PREVIEW, dream=None) if holds else None
            foreign = LAYOUTS[rest.layout].foreign_lock
            if foreign is not None and lock_holder(root / foreign) is not None:
                return None
            with (
                RootLock(self._state_dir / "locks", root),
                closing(State.open_existing(self._state_dir)) as state,
            ):
                return self._repeat(rest, root, state)
        except (KairosError, OSError, ValueError):
            return None

    def _repeat(self, rest: Rest, root: Path, state: State) -> Outcome | None:
        revalidated = self._revalidated(rest, root, state)
        answer = from_json(Outcome, rest.outcome)  # may be damaged, so decode it before anything is recorded
        number = state.repeat_dream(rest.dream, at=self.now) if revalidated else None
        if revalidated is None or number is None:
            return None
        write_private(self._rest_path(root), to_json(replace(revalidated, dream=number)))
        return replace(answer, dream=number)

    def _revalidated(self, rest: Rest, root: Path, state: State) -> Rest | None:
        """Return the rest brought up to date if nothing changed since, else None; the expensive checks come last."""
        began_ns, name = time.time_ns(), root_name(root)
        if (
            rest.circumstances != self._circumstances(rest.models)
            or rest.decided != decisions_digest(state, name)
            or rest.found != findings_digest(state, name)
        ):
            return None
        fingerprint = self._fingerprint(root, rest.layout)
        if fingerprint is None or not fingerprint.exact or fingerprint.digest != rest.census:
            return None
        if not _unchanged(root, rest.fresh):
            return None
        # A note with its old bytes that was not written recently can be recognised by its times from now on.
        still = fingerprint.fresh(began_ns) & rest.fresh.keys()
        return replace(rest, fresh={path: rest.fresh[path] for path in still})

    # --- what is kept of a dream ---

    def begin(self, root: Path) -> Beginning:
        """Return what holds now; call it before a root is read."""
        at_ns = time.time_ns()
        exists = (self._state_dir / NAME).exists()
        try:
            with closing(State.open_existing(self._state_dir) if exists else State.in_memory()) as state:
                return Beginning(at_ns, decisions_digest(state, root_name(root)))
        except KairosError:  # the dream reports it, unless it repairs it
            return Beginning(at_ns, "")

    def keep(
        self,
        beginning: Beginning,
        outcome: Outcome,
        snapshot: Snapshot,
        models: Iterable[Path],
        standing: Collection[str] = (),
    ) -> None:
        """Keep the outcome of a dream as a rest, if it left nothing to do and nothing in doubt.

        `standing` are notices that every full dream repeats, so they do not prevent a rest. Failures are ignored: the
        next dream is a full one.
        """
        with suppress(KairosError, OSError, ValueError):
            if set(outcome.notices) <= set(standing) and self._can_rest(outcome):
                self._keep(beginning, outcome, snapshot, tuple(models))

    def _keep(
        self, beginning: Beginning, outcome: Outcome, snapshot: Snapshot, models: tuple[Path, ...]
    ) -> None:
        root = Path(snapshot.root)
        fingerprint = self._fingerprint(root, snapshot.layout)
        if fingerprint is None or not fingerprint.matches(snapshot) or self._is_in_hub_cache(models):
            return
        sources = snapshot.by_path()
        fresh = fingerprint.fresh(beginning.at_ns)
        if outcome.dream is None or not fresh <= sources.keys():
            return
        with closing(State.open_existing(self._state_dir)) as state:
            name, places = root_name(snapshot.root), tuple(map(str, models))
            rest = Rest(
                circumstances=self._circumstances(places),
                layout=snapshot.layout,
                models=places,
                decided=beginning.decided,
                found=findings_digest(state, name),
                census=fingerprint.digest,
                fresh={path: sources[path].sha256 for path in fresh},
                dream=outcome.dream,
                outcome=to_json(
                    replace(outcome, first=False, plan=replace(outcome.plan, base={}), dream=None)
                ),
            )
            if decisions_digest(state, name) == beginning.decided:
                write_private(self._rest_path(root), to_json(rest))

    def _can_rest(self, outcome: Outcome) -> bool:
        judge = self.config.judge.model
        is_local = judge is None or judge.startswith(("/", "~"))  # locating one from the hub is too expensive
        return (
            outcome.status is Status.NOTHING
            and outcome.consultation is None
            and outcome.skipped == outcome.plan.skipped
            and self.config.llm.provider is None
            and is_local
        )

    def _is_in_hub_cache(self, models: Iterable[Path]) -> bool:
        """Whether the embedding model comes from the hub's cache, where its next revision has another directory."""
        named = model_path(self.config, self.env) is None
        return named and any(part.startswith(_HUB_PREFIX) for model in models for part in model.parts)

    # --- steps ---

    @property
    def _state_dir(self) -> Path:
        return state_dir(self.config, self.env)

    def _rest_path(self, root: Path) -> Path:
        return root_file(cache_dir(self.config, self.env), RESTS, os.path.realpath(root), "json")

    def _fingerprint(self, root: Path, layout: str) -> Fingerprint | None:
        return take_fingerprint(root, LAYOUTS[layout].role_of, ignore=self.config.is_ignored)

    def _circumstances(self, models: Iterable[str]) -> str:
        """Return a digest of everything besides the root and the state that the outcome of a dream depends on."""
        files = [
            *_files(Path(kairos.__file__).parent),
            *(line for model in models for line in _files(Path(model))),
            *(_stamp(Path(spec.origin)) for spec in map(find_spec, _LIBRARIES) if spec and spec.origin),
        ]
        parts = [kairos.__version__, repr(self.config), str(self.now.date()), str(self._state_dir)]
        parts += [sys.version, self.env.get("HOME", ""), *sorted(files)]
        return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()


def _files(directory: Path) -> Iterator[str]:
    """Yield a line for each file below a directory, following links: its path and its stamp."""
    pending, seen = [os.path.realpath(directory)], set[str]()
    while pending:
        place = pending.pop()
        if place in seen:
            continue
        seen.add(place)
        with os.scandir(place) as entries:
            for entry in entries:
                if not entry.is_dir():
                    yield f"{entry.path} {_stamp(entry)}"
                elif entry.name != "__pycache__":
                    pending.append(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)


def _stamp(file: os.DirEntry[str] | Path) -> str:
    """Return a text that changes whenever a file does, even if its mtime is reset; of a link also its real path."""
    known = file.stat()
    real = os.path.realpath(file) if file.is_symlink() else ""
    return f"{real} {known.st_size} {known.st_mtime_ns} {known.st_ctime_ns} {known.st_ino}"


def _unchanged(root: Path, fresh: Mapping[str, str]) -> bool:
    """Whether the notes that cannot be recognised by their times still have the same bytes."""
    if not fresh:
        return True
    with closing(Tree(root)) as tree:
        return all(tree.read(path).sha256 == sha256 for path, sha256 in fresh.items())

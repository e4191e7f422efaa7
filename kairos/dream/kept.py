"""What was found out about a root, kept between dreams: what stays as it is is neither parsed nor judged again."""

from __future__ import annotations

import gc
import hashlib
import io
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import kairos
from kairos.core.facts import FileFacts
from kairos.core.judge import PairContext
from kairos.ml.replaced import replace_file
from kairos.model import Judgement, Snapshot

_MAGIC = b"kairos kept 1\n"
_OURS = ("kairos.model", "kairos.core.")
_OTHERS = frozenset(("datetime", name) for name in ("date", "datetime", "timedelta", "timezone"))
_DEPENDS_ON = ("core/*.py", "model.py")


class Where(NamedTuple):
    """Two entries where they stand: their ids, the sha256 of their files, and how near they are."""

    a: str
    b: str
    file_a: str
    file_b: str
    context: PairContext


@dataclass(frozen=True, slots=True)
class Kept:
    """The facts of files, by their paths in the root and their sha256, and the verdicts on pairs of their entries.

    Of a file that a plan changes, there are those before and those after it.
    """

    facts: Mapping[tuple[str, str], FileFacts] = field(default_factory=dict)
    verdicts: Mapping[Where, Judgement] = field(default_factory=dict)

    def facts_of(self, snapshot: Snapshot) -> dict[str, FileFacts]:
        """Return the facts of those files of a snapshot that are as they were, by path."""
        names = ((source.path, source.sha256) for source in snapshot.sources)
        return {name[0]: self.facts[name] for name in names if name in self.facts}


def read_kept(path: Path, judge: str) -> Kept:
    """Return what the file at `path` holds; nothing, where it is missing, damaged, or was written by other code.

    `judge` is all that verdicts depend on beside the files: those of another judge do not count.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return Kept()
    head = _MAGIC + _code()
    payload = data[len(head) + hashlib.sha256().digest_size :]
    if data[: len(data) - len(payload)] != head + hashlib.sha256(payload).digest():
        return Kept()
    try:
        with _no_collector():
            facts, by, verdicts = _Unpickler(io.BytesIO(payload)).load()
    except pickle.UnpicklingError:
        return Kept()
    found = {Where(*where): verdict for where, verdict in verdicts} if by == judge else {}
    return Kept({(one.source.path, one.source.sha256): one for one in facts}, found)


def write_kept(path: Path, kept: Kept, judge: str) -> None:
    """Replace the file at `path`. Where that fails, the next dream only has more to do."""
    verdicts = [(tuple(where), verdict) for where, verdict in kept.verdicts.items()]
    payload = pickle.dumps((tuple(kept.facts.values()), judge, verdicts), pickle.HIGHEST_PROTOCOL)
    try:
        replace_file(path, (_MAGIC, _code(), hashlib.sha256(payload).digest(), payload))
    except OSError:
        return


class _Unpickler(pickle.Unpickler):
    """Makes values of ours and nothing else: whoever could write the cache shall not gain more than wrong notes."""

    def find_class(self, module: str, name: str) -> type:
        """Return a class of the model. Raises UnpicklingError."""
        is_ours = module.startswith(_OURS) or (module, name) in _OTHERS
        found = super().find_class(module, name) if is_ours and "." not in name else None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is no value of ours")
        return found


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the garbage collector from looking at a hundred thousand new values again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def _code() -> bytes:
    """Return what changes with the code that finds the facts out."""
    room = Path(kairos.__file__).parent
    digest = hashlib.sha256(kairos.__version__.encode())
    for file in sorted(file for pattern in _DEPENDS_ON for file in room.glob(pattern)):
        digest.update(file.read_bytes())
    return digest.digest()

"""A dream between its plan and the disk: a root, what is to be done to it, and what must hold meanwhile.

    python -m tests.fault.scene FILE

writes the scene of a real dream on the example directory, so that whoever plays it needs no model;
`tests/fault/scene.json` is one, for the short form of the tests.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kairos.model import Change, FileChange
from kairos.store.codec import to_json
from kairos.store.disk import DISK, Disk
from kairos.store.journal import Journal
from kairos.store.objects import Objects
from kairos.store.records import TransactionKind
from kairos.store.state import State
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STAMP = 1_600_000_000_000_000_007
LONG = bool(os.environ.get("KAIROS_PROVE"))
Files = Mapping[str, bytes]
Action = Callable[[Path, Disk], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """The files of a root before and after a dream, and the transaction between them."""

    before: Files
    after: Files
    files: tuple[FileChange, ...]
    changes: tuple[Change, ...]
    base: Mapping[str, str]

    @classmethod
    def of(cls, state_dir: Path, before: Files, root: Path) -> Scene:
        """Take it from the journal of the one dream that a root has seen."""
        with State.open(state_dir) as state:
            (transaction,) = Journal(state).history(str(root))
        objects = Objects(state_dir / "objects")

        def data(version: str | None) -> bytes | None:
            return objects.get(version) if version else None

        return cls(
            before,
            read(root),
            tuple(
                FileChange(
                    file.path,
                    data(file.before),
                    data(file.after),
                    mode=file.mode,
                    interim=data(file.interim),
                    index=file.index,
                    requires=file.requires,
                )
                for file in transaction.files
            ),
            transaction.changes,
            transaction.witnessed or {},
        )

    def build(self, place: Path) -> Path:
        """Make the root as it was before, below `place`."""
        root = place / "root"
        shutil.rmtree(place, ignore_errors=True)
        root.mkdir(parents=True)
        for name, data in self.before.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            os.utime(file, ns=(STAMP, STAMP))
        return root

    def stage(self, place: Path, action: Action) -> Path:
        """Make the root as an action meets it: before the dream, or where it is to be undone, after it."""
        root = self.build(place)
        if action is undo:
            self.apply(root)
        return root

    def apply(self, root: Path, disk: Disk = DISK) -> None:
        """Carry the dream out."""
        with Store(root.parent / "state", disk) as store:
            store.apply(
                root, self.files, kind=TransactionKind.DREAM, at=NOW, changes=self.changes, base=self.base
            )

    def check_midway(self, root: Path) -> None:
        """Whatever happened to the process: nothing that must be in the root is missing from it."""
        now = read(root)
        kept = self.words(self.before) & self.words(self.after)
        assert kept <= self.words(now)
        known = {path: {self.before.get(path), self.after.get(path)} for path in {*self.before, *self.after}}
        by_path = {file.path: file for file in self.files}
        for file in self.files:
            known[file.path].add(file.interim)
            if now.get(file.path) == file.after != file.interim:  # something was taken away for good
                for path in file.requires:
                    other = by_path.get(path)
                    good = {other.after, other.interim} if other else {self.before[path]}
                    assert now.get(path) in good, f"{file.path} went before {path} was there"
        for path, data in now.items():
            assert ".kairos-" in path or data in known[path], path
        gone = self.words(self.before) - self.words(now)
        assert gone <= self.words(kept_in(root.parent / "state"))

    def check_settled(self, root: Path) -> bool:
        """After recovery: exactly as before or as after, nothing pending; whether it is `after`.

        What the dream does not edit keeps its time, and what it removes gets it back.
        """
        now = read(root)
        assert now in (self.before, self.after)
        with Store(root.parent / "state") as store:
            assert not store.journal.pending(str(root))
        edited = {file.path for file in self.files if file.after is not None}
        for name in now.keys() - edited:
            if name in self.before:
                assert (root / name).stat().st_mtime_ns == STAMP, name
        return now == self.after

    def check_after_crash(self, root: Path) -> None:
        """Recover; from there everything works: dream again if need be, and undo gives every byte back."""
        recover(root)
        if not self.check_settled(root):
            self.apply(root)
        assert self.check_settled(root)
        undo(root)
        assert not self.check_settled(root)

    @staticmethod
    def words(files: Files) -> set[bytes]:
        """The lines of some files, as far as they say something."""
        return {line.strip() for data in files.values() for line in data.splitlines() if line.strip()}


def some(calls: int, few: int) -> range:
    """The numbers of calls to try: every one in the long form, else `few` of them."""
    return range(1, calls + 1, 1 if LONG else max(1, calls // few))


def undo(root: Path, disk: Disk = DISK) -> None:
    """Take back everything."""
    with Store(root.parent / "state", disk) as store:
        store.undo(root, at=NOW, all_=True)


def recover(root: Path, disk: Disk = DISK) -> None:
    """What every start does."""
    with Store(root.parent / "state", disk) as store:
        assert store.recover(root) == ()


def read(root: Path) -> dict[str, bytes]:
    """Every file of a root."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def kept_in(state_dir: Path) -> dict[str, bytes]:
    """What the journal keeps."""
    objects = Objects(state_dir / "objects")
    names = [kept.digest for kept in objects.all() if kept.digest is not None]
    return {name: objects.get(name) for name in names if objects.holds(name)}


def main() -> None:
    """Dream once on the example directory, and write down what the dream did."""
    from kairos.config import parse_config  # noqa: PLC0415 - heavy
    from kairos.dream import Kairos, Mode  # noqa: PLC0415

    example = Path(__file__).parents[2] / "examples" / "memory"
    with tempfile.TemporaryDirectory() as name:
        place = Path(name).resolve()
        root = place / "memory"
        shutil.copytree(example, root)
        before = read(root)
        for note in before:
            os.utime(root / note, ns=(STAMP, STAMP))  # no date comes from the day of the checkout
        kairos = Kairos(parse_config("", "scene"), env={"HOME": name}, now=NOW)
        kairos.dream(root, Mode.UNATTENDED)
        Path(sys.argv[1]).write_text(to_json(Scene.of(kairos.state_dir, before, root)), encoding="utf-8")


if __name__ == "__main__":
    main()

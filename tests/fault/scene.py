"""The scene of a dream: a root, the transaction that changes it, and what must hold at every point in between.

    python -m tests.fault.scene FILE

writes the scene of a real dream on the example directory, so that no model is needed to replay it;
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
        """Take the scene from the journal of the only dream that a root has had."""
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
        """Create the root as it was before the dream, below `place`."""
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
        """Create the root as an action finds it: before the dream, or, for an undo, after it."""
        root = self.build(place)
        if action is undo:
            self.apply(root)
        return root

    def apply(self, root: Path, disk: Disk = DISK) -> None:
        """Apply the transaction of the dream."""
        with Store(root.parent / "state", disk) as store:
            store.apply(
                root, self.files, kind=TransactionKind.DREAM, at=NOW, changes=self.changes, base=self.base
            )

    def check_midway(self, root: Path) -> None:
        """Check that, whatever happened to the process, nothing is missing from the root that must be in it."""
        now = read(root)
        kept = self.words(self.before) & self.words(self.after)
        assert kept <= self.words(now)
        known = {path: {self.before.get(path), self.after.get(path)} for path in {*self.before, *self.after}}
        by_path = {file.path: file for file in self.files}
        for file in self.files:
            known[file.path].add(file.interim)
            if now.get(file.path) == file.after != file.interim:  # something was removed for good
                for path in file.requires:
                    other = by_path.get(path)
                    good = {other.after, other.interim} if other else {self.before[path]}
                    assert now.get(path) in good, f"{file.path} went before {path} was there"
        for path, data in now.items():
            assert ".kairos-" in path or data in known[path], path
        gone = self.words(self.before) - self.words(now)
        assert gone <= self.words(kept_in(root.parent / "state"))

    def check_settled(self, root: Path) -> bool:
        """Check that the root is exactly as before or as after, with nothing pending. Returns whether it is as after.

        Files that the dream does not edit keep their mtime, and files that it removes get theirs back.
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
        """Recover, apply the dream again if it was rolled back, and check that undo gives every byte back."""
        recover(root)
        if not self.check_settled(root):
            self.apply(root)
        assert self.check_settled(root)
        undo(root)
        assert not self.check_settled(root)

    @staticmethod
    def words(files: Files) -> set[bytes]:
        """The non-blank lines of some files, stripped."""
        return {line.strip() for data in files.values() for line in data.splitlines() if line.strip()}


def calls_to_try(calls: int, few: int) -> range:
    """The numbers of the calls to try: all of them in the long form, otherwise about `few`."""
    return range(1, calls + 1, 1 if LONG else max(1, calls // few))


def action_of(scene: Scene, name: str) -> Action:
    """Return what applies the dream of a scene, or what undoes it."""
    return scene.apply if name == "apply" else undo


def undo(root: Path, disk: Disk = DISK) -> None:
    """Undo everything."""
    with Store(root.parent / "state", disk) as store:
        store.undo(root, at=NOW, all_=True)


def recover(root: Path, disk: Disk = DISK) -> None:
    """Recover, as every start does."""
    with Store(root.parent / "state", disk) as store:
        assert store.recover(root) == ()


def read(root: Path) -> dict[str, bytes]:
    """Every file of a root."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def kept_in(state_dir: Path) -> dict[str, bytes]:
    """The originals that the state keeps, by digest."""
    objects = Objects(state_dir / "objects")
    names = [kept.digest for kept in objects.all() if kept.digest is not None]
    return {name: objects.get(name) for name in names if objects.holds(name)}


def main() -> None:
    """Dream once on the example directory, and write the scene of that dream."""
    from kairos.config import parse_config  # noqa: PLC0415 - heavy
    from kairos.dream import Kairos, Mode  # noqa: PLC0415

    example = Path(__file__).parents[2] / "examples" / "memory"
    with tempfile.TemporaryDirectory() as name:
        place = Path(name).resolve()
        root = place / "memory"
        shutil.copytree(example, root)
        before = read(root)
        for note in before:
            os.utime(root / note, ns=(STAMP, STAMP))  # no date depends on the day of the checkout
        kairos = Kairos(parse_config("", "scene"), env={"HOME": name}, now=NOW)
        kairos.dream(root, Mode.UNATTENDED)
        Path(sys.argv[1]).write_text(to_json(Scene.of(kairos.state_dir, before, root)), encoding="utf-8")


if __name__ == "__main__":
    main()

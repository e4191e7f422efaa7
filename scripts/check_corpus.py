"""Dream over copies of many memory directories, and check the invariants on every one of them.

    python scripts/check_corpus.py FOLDER... [--only NAME]... [--jobs N] [--now DATE] [--cache DIR] [--json]

Each directory in each FOLDER is copied to a scratch directory and dreamt over there, unattended. The checks: the parser
accounts for every byte, nothing raises, a preview writes nothing, the same input gives the same plan and bytes in
another process, a second dream changes nothing, and undo gives every byte back. Exits with 1 if anything failed.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import click

from kairos.config import Config
from kairos.core.markdown.parse import parse, segments
from kairos.dream import Kairos, Mode, Outcome, Status
from kairos.errors import KairosError
from kairos.model import ChangeKind, Snapshot
from kairos.report.values import dream_value
from kairos.store.files import read_snapshot

_COLUMNS = ("files", "changed", "entries", "merged", "conflicts", "pruned", "waiting", "seconds")
_NAME_WIDTH = 28
Tree = dict[str, tuple[int, bytes]]
_DONE_KEYS = ("changes", "conflicts", "index", "entries")
_PLAN_KEYS = (*_DONE_KEYS, "proposals")


@dataclass(frozen=True, slots=True)
class Row:
    """The result for one directory; it passed if there are no `faults`.

    `changed` counts the files that the dream changed and the undo restored; `plan` is a hash of the plan.
    """

    directory: str
    files: int = 0
    changed: int = 0
    entries: int = 0
    merged: int = 0
    conflicts: int = 0
    pruned: int = 0
    waiting: int = 0
    seconds: float = 0.0
    plan: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One directory to check, the scratch and cache directories to use, and the time of its dreams."""

    directory: Path
    scratch: Path
    cache: Path
    now: datetime

    def copy(self) -> Path:
        """Return a fresh copy, always at the same path, since the path is part of the plan."""
        root = self.scratch / "roots" / self.directory.parent.name / self.directory.name
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.directory, root, symlinks=True)
        return root

    def kairos(self) -> Kairos:
        """Return the front door of this process."""
        return _front_door(self.scratch, self.cache, self.now)


@lru_cache
def _front_door(scratch: Path, cache_dir: Path, now: datetime) -> Kairos:
    """Create one front door per process, so that the model is loaded once; each process has its own state."""
    config = Config(state_dir=str(scratch / f"state-{os.getpid()}"), cache_dir=str(cache_dir))
    return Kairos(config, env={"HOME": str(scratch)}, now=now)


def check(task: Task) -> Row:
    """Check one directory; whatever goes wrong becomes a fault in its row."""
    started = time.monotonic()
    try:
        row = _check(task)
    except KairosError as error:
        row = Row(task.directory.name, faults=(f"refused: {error}",))
    except Exception:  # noqa: BLE001 - finding these is the purpose of the script
        where = traceback.format_exc(limit=-2).strip().replace("\n", " | ")
        row = Row(task.directory.name, faults=(f"raised: {where}",))
    return replace(row, seconds=round(time.monotonic() - started, 2))


def _check(task: Task) -> Row:
    root, kairos = task.copy(), task.kairos()
    before = _tree(root)
    snapshot = read_snapshot(root, layout="", role_of=kairos.layout_of(root).role_of)
    preview = kairos.dream(root, Mode.PREVIEW)
    faults = [*_unaccounted(snapshot), *_differences("after a preview", before, _tree(root))]
    first = kairos.dream(root, Mode.UNATTENDED)
    # Proposals are not compared: a dream that wrote lists what is to be proposed afterwards, and where that is then.
    if plan_hash(first, _DONE_KEYS) != plan_hash(preview, _DONE_KEYS):
        faults.append("the dream had another plan than the preview")
    after = _tree(root)
    faults += _second_dream(kairos, root)
    if first.receipt is not None:
        kairos.undo(root, everything=True)
    faults += _differences("after undo", before, _tree(root))
    plan = first.plan
    kinds = Counter(change.kind for change in plan.changes)
    return Row(
        directory=task.directory.name,
        files=len(snapshot.sources),
        changed=len(_unlike(before, after)),
        entries=plan.entries,
        merged=kinds[ChangeKind.MERGE],
        conflicts=len(plan.conflicts),
        pruned=kinds[ChangeKind.PRUNE],
        waiting=len(plan.proposals),
        plan=plan_hash(preview),
        faults=tuple(faults),
    )


def _second_dream(kairos: Kairos, root: Path) -> Iterator[str]:
    """Yield what a second dream, straight after the first one, still did."""
    between = _tree(root)
    second = kairos.dream(root, Mode.UNATTENDED)
    if second.status is not Status.NOTHING:
        listed = ", ".join(f"{change.kind} {change.subject.file}" for change in second.plan.changes[:3])
        yield f"a second dream still did: {listed}"
    yield from _differences("after a second dream", between, _tree(root))


def _unaccounted(snapshot: Snapshot) -> Iterator[str]:
    """Yield the files whose entries and gaps do not rejoin to their bytes."""
    for source in snapshot.sources:
        if b"".join(segments(source, parse(source))) != source.data:
            yield f"{source.path} is not accounted for byte by byte"


def plan_hash(outcome: Outcome, keys: Sequence[str] = _PLAN_KEYS) -> str:
    """Return a hash of the given parts of a plan, as JSON, and of the resulting bytes."""
    value = dream_value(outcome)
    digest = hashlib.sha256(json.dumps([value[key] for key in keys]).encode())
    for path, data in sorted((outcome.after or {}).items()):
        digest.update(json.dumps([path, None if data is None else data.hex()]).encode())
    return digest.hexdigest()


def plan_again(task: Task) -> str:
    """Return the hash of the plan for a fresh copy; meant for a process that has not seen the directory."""
    try:
        return plan_hash(task.kairos().dream(task.copy(), Mode.PREVIEW))
    except Exception as error:  # noqa: BLE001 - `check` hits the same and reports more
        return f"raised {type(error).__name__}"


def _tree(root: Path) -> Tree:
    """Return the mode and bytes of everything in a directory; for a link, its target."""
    found = {}
    for path in root.rglob("*"):
        data = b""
        if path.is_symlink():
            data = os.fsencode(path.readlink())
        elif path.is_file():
            data = path.read_bytes()
        found[path.relative_to(root).as_posix()] = (path.lstat().st_mode, data)
    return found


def _unlike(one: Tree, other: Tree) -> list[str]:
    return [path for path in one.keys() | other.keys() if one.get(path) != other.get(path)]


def _differences(when: str, one: Tree, other: Tree) -> Iterator[str]:
    paths = sorted(_unlike(one, other))
    if paths:
        yield f"{when} {len(paths)} paths differ: {', '.join(paths[:3])}"


def check_all(tasks: Sequence[Task], jobs: int, tell: Callable[[Row], None]) -> list[Row]:
    """Check every directory, then plan it again in another process with another hash seed."""
    spawn = multiprocessing.get_context("spawn")
    rows = []
    with (
        ProcessPoolExecutor(jobs, mp_context=spawn) as pool,
        ProcessPoolExecutor(jobs, mp_context=spawn) as others,
    ):
        for task, row in zip(tasks, pool.map(check, tasks), strict=True):
            again = others.submit(plan_again, task).result()
            if row.plan and again != row.plan:
                row = replace(row, faults=(*row.faults, "another process made another plan"))  # noqa: PLW2901
            tell(row)
            rows.append(row)
    return rows


def _heading() -> str:
    return " ".join((f"{'directory':{_NAME_WIDTH}}", *(f"{name:>9}" for name in _COLUMNS), "verdict"))


def _line(row: Row) -> str:
    figures = (f"{getattr(row, name):>9}" for name in _COLUMNS)
    verdict = "; ".join(row.faults) or "ok"
    return " ".join((f"{row.directory[:_NAME_WIDTH]:{_NAME_WIDTH}}", *figures, verdict))


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--only", multiple=True, metavar="NAME", help="Check this directory only; may be repeated.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(min=1), help="Processes at a time.")
@click.option("--now", type=click.DateTime(["%Y-%m-%d"]), help="The day to dream on; today if left out.")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep vectors here, for the next run.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON instead of a table.")
def main(
    folders: tuple[Path, ...],
    only: tuple[str, ...],
    jobs: int,
    now: datetime | None,
    cache: Path | None,
    *,
    as_json: bool,
) -> None:
    """Dream over a copy of each directory in the FOLDERS and check what must always hold."""
    inside = (path for folder in folders for path in sorted(folder.iterdir()))
    directories = [path for path in inside if path.is_dir() and (not only or path.name in only)]
    if not directories:
        raise click.UsageError(f"There is nothing to check in {', '.join(map(str, folders))}.")
    clock = (now or datetime.now(UTC)).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=UTC)
    if not as_json:
        print(_heading())
    with tempfile.TemporaryDirectory(prefix="kairos-check-") as scratch:
        work = Path(scratch)
        kept = cache.absolute() if cache else work / "cache"
        tasks = [Task(path, work, kept, clock) for path in directories]
        rows = check_all(tasks, jobs, lambda row: None if as_json else print(_line(row), flush=True))
    failed = sum(bool(row.faults) for row in rows)
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        seconds = sum(row.seconds for row in rows)
        changed = sum(row.changed for row in rows)
        print(f"\n{len(rows)} directories, {failed} failed, {seconds:.0f} seconds of work")
        if not failed:
            print(f"{changed:,} files were changed by dreams, and undo gave every byte back")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

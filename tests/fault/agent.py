"""A process that writes notes as agents and editors do, and keeps track of every marker that it wrote.

    python -m tests.fault.agent ROOT LOG SEED OPERATIONS

Each line that it writes has a unique marker. LOG gets the markers that it did not remove itself, the last one that it
saved to each file, and those that were missing from their file when it looked again.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MARKER = re.compile(rb"m\d{6}")
PATIENCE = 20
"""Seconds for which a save may be invisible: from a kill in mid-exchange until the next dream recovers."""
NAMES = tuple(f"note{number}.md" for number in range(8))
MOST_LINES = 120


class Agent:
    """Performs one operation after another on a root."""

    def __init__(self, root: Path, repository: Path, seed: int) -> None:
        self.root = root
        self.repository = repository
        self.random = random.Random(seed)
        self.wrote: set[str] = set()
        self.took: set[str] = set()
        self.last: dict[str, str] = {}
        self.looked = 0
        self.missed: set[tuple[str, str]] = set()
        self.done: Counter[str] = Counter()
        self.ways: tuple[Callable[[], None], ...] = (
            self.save_atomically, self.append, self.truncate_and_write, self.delete_and_recreate,
            self.rename, self.replace_many, self.hold_open, self.hold_open_in_place, self.copy_line,
        )  # fmt: skip

    def work(self, operations: int) -> None:
        """Perform operations in random order, sometimes with a pause."""
        for number in itertools.count(1):
            if self.done.total() >= operations:
                return
            way = {0: self.die_with_the_lock, 25: self.check_out}.get(
                number % 50, self.random.choice(self.ways)
            )
            with suppress(FileNotFoundError):  # a dream removed the note first
                way()
                self.done[way.__name__] += 1
            time.sleep(self.random.choice((0, 0.001, 0.01, 0.03)))

    def save_atomically(self) -> None:
        path = self.pick()
        self.replace(path, self.grown(path, self.read(path)))

    def append(self) -> None:
        path = self.pick()
        with path.open("ab", buffering=0) as file:
            file.write(self.line(path))

    def truncate_and_write(self) -> None:
        path = self.pick()
        data = self.grown(path, self.read(path))
        with path.open("wb", buffering=0) as file:
            half = len(data) // 2
            file.write(data[:half])
            time.sleep(self.random.choice((0, 0.002)))
            file.write(data[half:])

    def delete_and_recreate(self) -> None:
        path = self.pick()
        data = self.grown(path, self.read(path))
        path.unlink(missing_ok=True)
        time.sleep(self.random.choice((0, 0.002)))
        with path.open("ab", buffering=0) as file:
            file.write(data)

    def rename(self) -> None:
        path = self.pick()
        other = self.root / f"moved{self.random.randrange(3)}.md"
        with suppress(FileExistsError):
            os.link(path, other)  # never over an existing file
            path.unlink()
            os.rename(other, path)  # noqa: PTH104 - what an agent does

    def replace_many(self) -> None:
        """Give several files other bytes at once, then restore the old ones, each with a new line."""
        paths = [self.root / name for name in self.random.sample(NAMES, 4)]
        kept = {path: self.read(path) for path in paths}
        other = {path: self.line(path) for path in paths}
        for path, data in other.items():
            self.replace(path, data)
        for path, data in kept.items():
            self.took |= markers(other[path])  # restoring the old bytes removes them
            self.replace(path, data + self.line(path))

    def check_out(self) -> None:
        """Commit, save and commit something else, then let git check out what was there before."""
        self.commit("before")
        last = dict(self.last)
        for name in self.random.sample(NAMES, 4):
            line = self.line(self.root / name)
            self.took |= markers(line)  # the checkout removes them
            self.replace(self.root / name, line)
        self.commit("something else")
        self.git("checkout", "-q", "--force", "HEAD~")
        self.last = last

    def commit(self, message: str) -> None:
        for _ in range(20):
            with suppress(subprocess.CalledProcessError):  # a dream removed the note first
                self.git("add", "-A", "--", "note*.md")
                break
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def git(self, *words: str) -> None:
        """Run git on a repository outside the root that has the root as its working tree."""
        if not self.repository.exists():
            subprocess.run(["git", "init", "-q", "--bare", self.repository], check=True)
        who = ("-c", "user.name=agent", "-c", "user.email=agent@localhost", "-c", "gc.auto=0")
        where = (f"--git-dir={self.repository}", f"--work-tree={self.root}")
        subprocess.run(["git", *who, *where, *words], check=True, cwd=self.root, stderr=subprocess.PIPE)

    def hold_open(self) -> None:
        """Append through a descriptor that was opened some time before."""
        path = self.pick()
        with path.open("ab", buffering=0) as file:
            for _ in range(3):
                time.sleep(self.random.choice((0, 0.005, 0.03)))
                file.write(self.line(path))

    def hold_open_in_place(self) -> None:
        path = self.pick()
        with path.open("r+b", buffering=0) as file:
            time.sleep(self.random.choice((0, 0.02)))
            file.seek(0, os.SEEK_END)
            file.write(self.line(path))

    def copy_line(self) -> None:
        """Repeat a line of some note in another, which gives a dream something to merge."""
        lines = self.read(self.pick()).splitlines(keepends=True)
        if lines:
            with self.pick().open("ab", buffering=0) as file:
                file.write(self.random.choice(lines))

    def die_with_the_lock(self) -> None:
        code = "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid()))"
        subprocess.run([sys.executable, "-S", "-c", code, self.root / ".consolidate-lock"], check=True)

    def pick(self) -> Path:
        return self.root / self.random.choice(NAMES)

    def read(self, path: Path) -> bytes:
        """Read a file. If the last save to it is missing, wait: writing over the file now would lose it."""
        data = content(path)
        last = self.last.get(path.name)
        if last is None:
            return data
        self.looked += 1
        end = time.monotonic() + PATIENCE
        while last not in markers(data):
            if last in self.took | self.in_root() or time.monotonic() > end:
                self.missed.add((path.name, last))
                del self.last[path.name]
                break
            time.sleep(0.01)
            data = content(path)
        return data

    def in_root(self) -> set[str]:
        return set().union(*(markers(content(path)) for path in self.root.glob("*.md")))

    def line(self, path: Path) -> bytes:
        """Make a new line for a file, and note its marker as the last one saved there."""
        marker = f"m{len(self.wrote):06}"
        self.wrote.add(marker)
        self.last[path.name] = marker
        return f"- The {marker} of this root is kept.\n".encode()

    def grown(self, path: Path, data: bytes) -> bytes:
        """Add a line; a long note first loses its older half."""
        lines = data.splitlines(keepends=True)
        if len(lines) > MOST_LINES:
            self.took |= markers(b"".join(lines[: MOST_LINES // 2]))
            lines = lines[MOST_LINES // 2 :]
        return b"".join([*lines, self.line(path)])

    def replace(self, path: Path, data: bytes) -> None:
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(data)
        temporary.rename(path)


def content(path: Path) -> bytes:
    """The bytes of a file; none if it does not exist."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def markers(data: bytes) -> set[str]:
    """All markers in some bytes."""
    return {match.decode() for match in MARKER.findall(data)}


def main() -> None:
    """Work, then write the log."""
    root, log, seed, operations = sys.argv[1:]
    agent = Agent(Path(root), Path(log).with_suffix(".git"), int(seed))
    agent.work(int(operations))
    story = {
        "kept": sorted(agent.wrote - agent.took),
        "done": agent.done,
        "looked": agent.looked,
        "last": agent.last,
        "missed": sorted(agent.missed),
    }
    Path(log).write_text(json.dumps(story), encoding="utf-8")


if __name__ == "__main__":
    main()

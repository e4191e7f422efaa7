"""Measures dreams of every size, other programs on the same texts, and commands that should be instant."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.speed.processes import Cost, environment, python, run
from bench.speed.results import FOUND, Case, Dream, PairedTiming, Peer, Results, Throughput, still
from kairos.errors import ExitCode

_NOW = "2026-11-26"
_EXPECTED_CODES = (ExitCode.OK, ExitCode.PARTIAL)  # PARTIAL: something waits for a person
_SMALL = 20
_SETTLED_SECONDS = 3.0  # files written more recently are read again: their times cannot be trusted yet
_PAIRS = 11
_STILL_PAIRS = 5
_ENCODED = 1000
_IMPORTS = ["-c", "import yaml, sqlite3"]
_GENERATE = ["-m", "bench.speed.generate"]
PEERS = {
    "paraphrase_mining": "mining",
    "SemHash, same encoder": "semhash",
    "SemHash, static model": "semhash-static",
}
"""The other programs: their names in the tables, and their tasks in `bench.speed.peers`."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured, and how often."""

    sizes: Sequence[int]
    repeat: int = 1
    peers_up_to: int = 2000
    seed: int = 0
    corpus: Path | None = None


@dataclass(slots=True)
class Home:
    """The home directory of measured processes, with the root that they dream over."""

    path: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment of the processes."""
        return environment(self.path)

    @property
    def root(self) -> Path:
        """The root: the memory directory."""
        return self.path / "memory"

    @property
    def _models(self) -> Path:
        return self.path / "cache" / "kairos" / "models"

    def dream(self, *roots: Path) -> Cost:
        """Dream unattended over the root, or over other roots."""
        named = map(str, roots or (self.root,))
        return python(
            ["-m", "kairos", "dream", *named, "--yes", "--json", "--now", _NOW],
            self.env,
            fine=_EXPECTED_CODES,
        )

    def forget(self) -> None:
        """Delete state and cache, except for the compiled models."""
        shutil.rmtree(self.path / "state", ignore_errors=True)
        for path in (self.path / "cache" / "kairos").glob("*"):
            if path.name != self._models.name:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def take_models(self, other: Home) -> None:
        """Copy the compiled models of another home."""
        if other._models.is_dir():
            shutil.copytree(other._models, self._models)


class Bench:
    """Runs the measurements, fills `results`, and reports progress through `say`."""

    def __init__(self, scratch: Path, options: Options, say: Callable[[str], None]) -> None:
        self.results = Results()
        self._scratch = scratch
        self._options = options
        self._say = say
        self._first = Home(scratch / "first")

    def measure(self) -> None:
        """Measure everything."""
        self._compile()
        self._start_up()
        for size in self._options.sizes:
            self._size(size)
        if self._options.peers_up_to:
            self._encoders()
        if self._options.corpus is not None:
            self._corpus(self._options.corpus)

    def _compile(self) -> None:
        self._say("the first dream of a machine, which compiles the models")
        home = self._first
        home.path.mkdir()
        self._generate(home, _SMALL)
        without = home.dream()
        home.forget()
        self.results.compiling = (without, home.dream())

    def _start_up(self) -> None:
        """Time the commands that should be instant against two imports, in a home that has a state to report."""
        env = self._first.env
        for command in ("--help", "status"):
            self._say(f"kairos {command}")
            self._compare(
                f"kairos {command}",
                "import yaml, sqlite3",
                partial(_wall, ["-m", "kairos", command], env),
                partial(_wall, _IMPORTS, env),
                _PAIRS,
            )

    def _size(self, entries: int) -> None:
        with self._home(f"generated-{entries}") as home:
            for _ in range(self._options.repeat):
                shutil.rmtree(home.root, ignore_errors=True)
                self._generate(home, entries)
                home.forget()
                if entries <= self._options.peers_up_to:
                    self._peers(home, entries)
                self._dream(entries, Case.COLD, home)
            python(
                [*_GENERATE, str(home.root), "--change", "0.01", "--seed", str(self._options.seed)], home.env
            )
            self._dream(entries, Case.WARM, home)
            time.sleep(_SETTLED_SECONDS)
            home.dream()
            self._dream(entries, Case.STILL, home)
            self._compare(
                still(entries),
                "find and python -c pass",
                lambda: home.dream().wall,
                lambda: _listing(home),
                _STILL_PAIRS,
            )

    def _dream(self, entries: int, case: Case, home: Home) -> None:
        self._say(f"{entries:,} entries, {case}")
        self.results.dreams.append(Dream(entries, case, home.dream()))

    def _peers(self, home: Home, entries: int) -> None:
        texts = self._texts(home)
        static = self._scratch / "static"
        if not static.exists():
            self._say("a static model, made of the encoder's weights")
            python(["-m", "bench.speed.peers", "distil", str(texts), str(static)], home.env)
        for name, task in PEERS.items():
            self._say(f"{entries:,} entries, {name}")
            cost = python(["-m", "bench.speed.peers", task, str(texts), str(static)], home.env)
            self.results.peers.append(Peer(entries, name, cost))

    def _encoders(self) -> None:
        """Time both encoders on the same texts, alternating."""
        ours, theirs = [], []
        with self._home("encoders") as home:
            self._generate(home, _ENCODED)
            texts = self._texts(home)
            for _ in range(max(3, self._options.repeat)):
                self._say(f"encoders, {_ENCODED:,} texts")
                theirs.append(_rate("encode-reference", texts, home))
                home.forget()
                ours.append(_rate("encode-kairos", texts, home))
        self.results.throughput = Throughput(tuple(ours), tuple(theirs))

    def _corpus(self, folder: Path) -> None:
        """Dream over copies of all directories of a folder, in one process."""
        with self._home("corpus") as home:
            shutil.copytree(folder, home.root, symlinks=True)
            roots = sorted(path for path in home.root.iterdir() if path.is_dir())
            entries = sum(len(_texts_of(root, home)) for root in roots)
            for case in (Case.COLD, Case.STILL):
                self._say(f"{len(roots)} directories of {folder}, {case}")
                self.results.dreams.append(Dream(entries, case, home.dream(*roots), FOUND))
                time.sleep(_SETTLED_SECONDS)

    def _compare(
        self, name: str, by: str, ours: Callable[[], float], theirs: Callable[[], float], pairs: int
    ) -> None:
        ours(), theirs()  # the first run of each only warms the caches
        timed = [(ours(), theirs()) for _ in range(pairs)]
        self.results.paired.append(PairedTiming(name, by, *map(tuple, zip(*timed, strict=True))))

    def _generate(self, home: Home, entries: int) -> None:
        python([*_GENERATE, str(home.root), f"--entries={entries}", f"--seed={self._options.seed}"], home.env)

    def _texts(self, home: Home) -> Path:
        file = home.path / "texts.json"
        file.write_text(json.dumps(_texts_of(home.root, home)), encoding="utf-8")
        return file

    @contextmanager
    def _home(self, name: str) -> Iterator[Home]:
        """Yield a home with the compiled models; it is deleted at the end of the block."""
        home = Home(self._scratch / name)
        home.path.mkdir()
        home.take_models(self._first)
        yield home
        shutil.rmtree(home.path)


def _wall(arguments: Sequence[str], env: Mapping[str, str]) -> float:
    return python(arguments, env, fine=_EXPECTED_CODES).wall


def _texts_of(root: Path, home: Home) -> list[str]:
    found: list[str] = json.loads(python(["-m", "bench.speed.texts", str(root)], home.env).output)
    return found


def _rate(task: str, texts: Path, home: Home) -> float:
    told = json.loads(python(["-m", "bench.speed.peers", task, str(texts)], home.env).output)
    return float(told["texts_per_second"])


def _listing(home: Home) -> float:
    """Return the seconds that `find` takes to list all files with sizes and times, plus those of a no-op Python."""
    find = run(["find", str(home.root), "-type", "f", "-printf", "%s %T@\\n"], home.env)
    return find.wall + python(["-c", "pass"], home.env).wall

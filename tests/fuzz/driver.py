"""Fuzzes the targets with mutations of a corpus for a given time: `make prove-fuzz MINUTES=…` or `COUNT=…`.

A small driver of our own: seeded, portable, and without an instrumented interpreter. Inputs that make a target fail are
saved in `tests/fuzz/corpus`, where the short form of the test replays them from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4096
LENGTHS = (64, 128, 128, 256, 256, 1024, LONGEST)
SLOW_SECONDS = 5.0
SLICE_SECONDS = 0.25
MOST_FAILURES = 20
PIECES = (
    *(b"---\n", b"\n", b"\r\n", b"\r", b"- ", b"> ", b"# ", b"```\n", b"`", b"[a](b.md)", b"[[a]]"),
    *(b"](../../.ssh/id_rsa)", b"| a | b |\n|---|---|\n", b"<!--", b"-->", b"**Why:** ", b"~~", b"*"),
    *(b"&a [*a]", b"!!python/object", b"{", b"}"),
    *(b"\x1b[2J", "\u202e".encode(), "\u200b".encode(), b"\xef\xbb\xbf", b"\xff", b"\0", b"\t", b"    ", b"  \n"),
    *(b"2026-02-30", b"until 2026-01-01", b"yesterday", b"1.2.3", b"99999999999999999999", b'"', b"\\", b":", b","),
    *(b'{"is":"Splice"}', b"null", b"[]", b"roots:\n", b"1e999", b"MEMORY.md"),
)  # fmt: skip


def mutated(data: bytes, corpus: Sequence[bytes], chance: random.Random) -> bytes:
    """Return the bytes after a few random edits."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(out) + 1)
        until = min(len(out), at + chance.choice((1, 1, 4, 64)))
        kind = chance.randrange(6)
        if kind == 0:
            out[at:until] = b""
        elif kind == 1:
            out[at:at] = chance.choice(PIECES)
        elif kind == 2:
            out[at:at] = out[at:until] * chance.choice((1, 2, 50))
        elif kind == 3 and at < len(out):
            out[at] = chance.randrange(256)
        elif kind == 4:
            out[at:until] = chance.choice(PIECES)
        else:
            other = chance.choice(corpus)
            start = chance.randrange(len(other) + 1)
            out[at:at] = other[start : start + chance.randrange(200)]
        del out[LONGEST:]
    return bytes(out)


def inputs(corpus: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Yield the corpus, then endless mutations of it and of earlier mutations; most are short, to try more."""
    yield from corpus
    chance = random.Random(seed)  # noqa: S311 - repeatability is the point
    pool = [*corpus]
    while True:
        data = mutated(chance.choice(pool), corpus, chance)[: chance.choice(LENGTHS)]
        if chance.random() < 0.02:
            pool.append(data)
            if len(pool) > 500:
                pool.pop(chance.randrange(len(corpus), len(pool)))
        yield data


def corpus() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CORPUS.iterdir())]


@dataclass
class Tally:
    """The results for one target: executions, seconds of processor time, and failures."""

    name: str
    count: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def run(self, stream: Iterator[bytes], *, seconds: float, count: int) -> None:
        """Run the target on inputs until the time or the count is used up."""
        target, clock = TARGETS[self.name], time.process_time
        begin = before = clock()
        for data in islice(stream, count):
            try:
                target(data)
            except Exception as error:  # noqa: BLE001 - any exception is a finding
                self.failures.append(f"{self.name}: {type(error).__name__}: {error} ({_kept(data)})")
            self.count += 1
            now = clock()
            if now - before > SLOW_SECONDS:
                self.failures.append(f"{self.name}: slow ({_kept(data)})")
            before = now
            if now - begin > seconds:
                break
        self.seconds += before - begin


def fuzz(
    seconds: float, seed: int, *, count: int | None = None, names: Sequence[str] = tuple(TARGETS)
) -> list[Tally]:
    """Share `seconds` of processor time evenly among the targets; stop early at `count` executions in total, too many
    failures, or Ctrl-C."""
    tallies = [Tally(name) for name in names]
    streams = [inputs(corpus(), seed + number) for number in range(len(names))]
    end = time.process_time() + seconds
    most = sys.maxsize if count is None else count
    for number in itertools.cycle(range(len(names))):
        left = most - sum(tally.count for tally in tallies)
        failed = sum(len(tally.failures) for tally in tallies)
        if time.process_time() >= end or left <= 0 or failed >= MOST_FAILURES:
            return tallies
        slice_ = min(SLICE_SECONDS, end - time.process_time())
        try:
            tallies[number].run(streams[number], seconds=slice_, count=left)
        except KeyboardInterrupt:
            return tallies
    raise AssertionError("the targets go round and round")


def _kept(data: bytes) -> str:
    name = f"found-{hashlib.sha256(data).hexdigest()[:12]}"
    (CORPUS / name).write_bytes(data)
    return name


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="processor time for all targets together")
    parser.add_argument("--count", type=int, help="stop after so many executions")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=TARGETS, action="append", help="this target; may be given again")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stopped run still prints its figures
    tallies = fuzz(given.minutes * 60, given.seed, count=given.count, names=given.only or tuple(TARGETS))
    for one in tallies:
        rate = one.count / one.seconds if one.seconds else 0
        print(f"{one.name:<14}{one.count:>12,}{rate:>10,.0f}/s")
    failures = [failure for one in tallies for failure in one.failures]
    total = sum(one.count for one in tallies)
    print(f"{'all':<14}{total:>12,} executions, {len(failures)} failures, seed {given.seed}")
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

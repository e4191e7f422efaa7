"""Mutates a corpus, byte by byte, for a given time, and counts: `make prove-fuzz MINUTES=…`.

A small driver of our own: it needs no instrumented interpreter, is seeded, and runs anywhere. Whatever makes a target
fail is written to `tests/fuzz/corpus`, so that the short form finds it again for ever.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4096
SLOW_SECONDS = 5.0
PIECES = (
    *(b"---\n", b"\n", b"\r\n", b"\r", b"- ", b"> ", b"# ", b"```\n", b"`", b"[a](b.md)", b"[[a]]"),
    *(b"](../../.ssh/id_rsa)", b"| a | b |\n|---|---|\n", b"<!--", b"-->", b"**Why:** ", b"~~", b"*"),
    *(b"&a [*a]", b"!!python/object", b"{", b"}"),
    *(b"\x1b[2J", "\u202e".encode(), "\u200b".encode(), b"\xef\xbb\xbf", b"\xff", b"\0", b"\t", b"    ", b"  \n"),
    *(b"2026-02-30", b"until 2026-01-01", b"yesterday", b"1.2.3", b"99999999999999999999", b'"', b"\\", b":", b","),
    *(b'{"is":"Splice"}', b"null", b"[]", b"roots:\n", b"1e999", b"MEMORY.md"),
)  # fmt: skip


def mutated(data: bytes, corpus: Sequence[bytes], chance: random.Random) -> bytes:
    """Return a few random edits of some bytes."""
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
    """Yield the corpus, then mutations of it and of its mutations, without end."""
    yield from corpus
    chance = random.Random(seed)  # noqa: S311 - to be repeatable is the point
    pool = [*corpus]
    while True:
        data = mutated(chance.choice(pool), corpus, chance)
        if chance.random() < 0.02:
            pool.append(data)
            if len(pool) > 500:
                pool.pop(chance.randrange(len(corpus), len(pool)))
        yield data


def corpus() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CORPUS.iterdir())]


def fuzz(seconds: float, seed: int) -> tuple[Counter[str], list[str]]:
    """Run for some seconds of processor time; returns executions by target, and what failed."""
    count: Counter[str] = Counter()
    failures: list[str] = []
    end = time.process_time() + seconds
    for data in inputs(corpus(), seed):
        for name, target in TARGETS.items():
            before = time.process_time()
            try:
                target(data)
            except Exception as error:  # noqa: BLE001 - that is what we look for
                failures.append(f"{name}: {type(error).__name__}: {error} ({_kept(data)})")
            if time.process_time() - before > SLOW_SECONDS:
                failures.append(f"{name}: slow ({_kept(data)})")
            count[name] += 1
        if time.process_time() >= end or len(failures) >= 20:
            return count, failures
    raise AssertionError("the inputs have no end")


def _kept(data: bytes) -> str:
    name = f"found-{hashlib.sha256(data).hexdigest()[:12]}"
    (CORPUS / name).write_bytes(data)
    return name


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args(arguments)
    count, failures = fuzz(given.minutes * 60, given.seed)
    for name, number in count.items():
        print(f"{name:<14}{number:>12,}")
    print(f"{'all':<14}{count.total():>12,} executions, {len(failures)} failures, seed {given.seed}")
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

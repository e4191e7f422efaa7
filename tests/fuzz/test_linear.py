"""Processing time grows linearly with the size of a note, whatever it holds: four times as much takes at most eight
times as long. `make prove-linear` measures the same at a hundred times the size: megabytes, 80,000 items or links."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from inspect import unwrap

import pytest

from kairos.core.dates.today import Today
from kairos.core.index.budget import size
from kairos.core.index.linker import Linker
from kairos.core.markdown.claims import claims, statement, statement_of_text
from kairos.core.markdown.parse import parse
from kairos.core.markdown.render import is_blank
from kairos.core.phrasing.distinctions import told_apart
from kairos.core.root.purpose import LONGEST_JUDGED
from kairos.core.root.reading import Reading
from kairos.core.staleness.stale import stale
from kairos.core.values.values import values
from kairos.dream.compared import likely_compared
from kairos.model import Role, Snapshot, Source
from tests.fuzz.targets import DAY

SCALE = int(os.environ.get("KAIROS_LINEAR_SCALE", "1"))
TRIES = 3
SHAPES: dict[str, Callable[[int], bytes]] = {
    "one line": lambda n: b"word " * (n * 10),
    "nested quotes": lambda n: b"> " * (n * 4) + b"x",
    "nested bullets on a line": lambda n: b"- " * (n * 4) + b"x",
    "bullets": lambda n: b"- x\n" * n,
    "bullets inside bullets": lambda n: b"".join(b"  " * (i % 100) + b"- x\n" for i in range(n)),
    "pointers to one note": lambda n: b"- [a](b.md)\n" * n,
    "broken pointers": lambda n: b"".join(b"- [a](x%d.md)\n" % i for i in range(n)),
    "links on a line": lambda n: b"[a](b.md) " * n,
    "links and code": lambda n: b"`a` [a](b.md) " * n,
    "links and code blocks": lambda n: b"```\nx\n```\n[a](b.md)\n" * (n // 2),
    "backticks without partners": lambda n: b" ".join(b"`" * i for i in range(1, int((n * 20) ** 0.5))),
    "comments never closed": lambda n: b"<!-- a " * (n * 4),
    "brackets": lambda n: b"[" * (n * 10),
    "days": lambda n: b"2026-01-01 " * n,
    "hyphens": lambda n: b"a-" * n,
    "numbers": lambda n: b"12.5 ms 3 " * (n // 2),
    "numbers in words": lambda n: b"two hundred and fifty one " * (n // 2),
    "hours and minutes": lambda n: b"7 h 30 half past two 1h30m " * (n // 3),
    "thousands": lambda n: b"100 " * (n * 2),
    "versions and lines": lambda n: b"version 5 line 6 of a.py v5 #6 " * (n // 3),
    "pointers in prose": lambda n: b"more in x.m see " * (n // 2) + b"a.md",
    "tables": lambda n: b"|a|b|\n|-|-|\n" + b"|x|y|\n" * n,
    "quotation marks never closed": lambda n: "“a „b «c ".encode() * n,
    "front matter": lambda n: b"---\n" + b"a: b\n" * n + b"---\nx\n",
}


def look(data: bytes) -> None:
    """Do what a dream does before it compares entries, on a note and on an index with the same text."""
    sources = (
        Source("MEMORY.md", data, "", 0, 0o644, Role.INDEX),
        Source("b.md", b"# B\n\nx y z\n", "", 0, 0o644, Role.NOTE),
        Source("n.md", data, "", 0, 0o644, Role.NOTE),
    )
    reading = Reading.of(Snapshot("/r", "plain", sources))
    Linker(reading).derived((), (), narrow=False)
    size(data)
    is_blank(data)
    note = parse(sources[2])
    claims(note)
    list(likely_compared(reading.facts.values()))
    list(stale(note, today=Today(DAY), exists=lambda _path: False))
    for entry in note.entries:
        unwrap(values)(entry.text)
        if len(entry.text) <= LONGEST_JUDGED:
            told_apart(statement(entry, note), statement_of_text(f"{entry.text} x"))


def seconds(data: bytes) -> float:
    before = time.process_time()
    look(data)
    return time.process_time() - before


@pytest.mark.parametrize("name", SHAPES)
def test_time_is_linear(name: str) -> None:
    seconds(SHAPES[name](100))  # warms up what is compiled at first use
    for more in range(0, 3 * TRIES, 3):  # every text is different, so that no cache answers
        small, large, another = (
            SHAPES[name](count * SCALE + more)
            for count, more in ((200, more), (800, more + 1), (200, more + 2))
        )
        # Measured back to back, since a busy machine can be several times slower from one minute to the next.
        before, whole, after = seconds(small), seconds(large), seconds(another)
        if whole < 8 * max(before, after) + 0.1:
            return
    pytest.fail(f"{len(small):,} bytes {before:.2f} and {after:.2f} s, {len(large):,} bytes {whole:.2f} s")

"""The real command dreams over a very large index and note in a bounded time and in bounded memory.

`make prove-linear` uses 10 MB on one line, 100,000 nested quotes or bullets, and a million links.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.model, pytest.mark.timeout(3000)]

SCALE = int(os.environ.get("KAIROS_LINEAR_SCALE", "1"))
SHAPES: dict[str, Callable[[int], bytes]] = {
    "words on a line": lambda n: b"word " * (n * 20_000),
    "nested quotes": lambda n: b"> " * (n * 1_000) + b"x",
    "nested bullets": lambda n: b"".join(b"  " * (i % 50) + b"- x\n" for i in range(n * 1_000)),
    "links on a line": lambda n: b"[a](b.md) " * (n * 10_000),
}
LARGE = ("MEMORY.md", "large.md")
MOST_SECONDS, MOST_MEGABYTES = 120, 1_500
# A small process starts the command: until exec, a child is charged with the memory of its parent.
MEASURE = """
import json, os, sys
report, *command = sys.argv[1:]
child = os.fork()
if child == 0:
    os.dup2(os.open(report, os.O_WRONLY | os.O_CREAT), 1)
    os.execv(sys.executable, [sys.executable, *command])
_, status, used = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


@pytest.fixture(scope="module", autouse=True)
def _compiled(_shared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Dream once first: the first dream on a machine compiles the model, which takes extra memory."""
    root = tmp_path_factory.mktemp("small")
    (root / "b.md").write_bytes(b"# B\n\nThe other note.\n")
    command = [sys.executable, "-m", "kairos", "dream", str(root), "--dry-run"]
    subprocess.run(command, check=True, env={**os.environ, "XDG_CACHE_HOME": str(_shared_cache)})


@pytest.mark.parametrize("name", SHAPES)
def test_very_large_notes_take_bounded_time_and_memory(experienced: Path, name: str) -> None:
    root = experienced / "memory"
    root.mkdir()
    for large in LARGE:
        (root / large).write_bytes(SHAPES[name](SCALE))
    (root / "b.md").write_bytes(b"# B\n\nThe other note.\n")
    report = experienced / "report.json"
    command = ("-m", "kairos", "dream", str(root), "--dry-run", "--json")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(report), *command], check=True, capture_output=True, text=True
    )
    code, seconds, kilobytes = json.loads(done.stdout)
    assert code == 0, done.stderr
    (dream,) = json.loads(report.read_text(encoding="utf-8"))
    megabytes = kilobytes // (1024 if sys.platform == "linux" else 1024**2)
    print(
        f"\n  {name}, twice {(root / 'large.md').stat().st_size:,} bytes: {seconds:.1f} s, {megabytes:,} MB"
    )
    assert dream["entries"] >= len(LARGE)
    assert "large.md" not in {skip["what"] for skip in dream["skipped"]}
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES

#!/usr/bin/env python3
"""Time what a user waits for: a first dream, a dream without changes, and `kairos status`, as whole processes.

usage: dream_time.py [MEMORY_DIRECTORY]

Works on a copy (of examples/memory by default) with a scratch state and cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from kairos.errors import ExitCode

_EXAMPLE = Path(__file__).parents[1] / "examples" / "memory"
_EXPECTED_CODES = (ExitCode.OK, ExitCode.PARTIAL)  # PARTIAL: something waits for a person


def seconds(arguments: list[str], env: Mapping[str, str]) -> float:
    """Return how long one `kairos` process took, in seconds; raises SystemExit if it failed."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "kairos", *arguments], env=env, capture_output=True, check=False
    )
    if done.returncode not in _EXPECTED_CODES:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - started


def main() -> None:
    """Print the figures, one per line."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else _EXAMPLE
    with tempfile.TemporaryDirectory(prefix="kairos-bench-") as scratch:
        env = dict(os.environ)
        for kind in ("CONFIG", "STATE", "CACHE"):
            env[f"XDG_{kind}_HOME"] = f"{scratch}/{kind.lower()}"
        root = Path(scratch, "memory")
        shutil.copytree(source, root)
        dream = ["dream", str(root), "--yes"]
        print(f"first dream   {seconds(dream, env):6.2f} s")
        print(f"second dream  {seconds(dream, env):6.2f} s")
        print(f"status        {seconds(['status', str(root)], env):6.2f} s")


if __name__ == "__main__":
    main()

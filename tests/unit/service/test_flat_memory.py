"""Memory used for counting very many notes is given back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COUNTS = """
import asyncio, sys
from pathlib import Path
from kairos.config import default_config
from kairos_service.census import EMPTY, census, difference
from kairos_service.machine import give_back_memory
from kairos_service.scope import Scope

async def main():
    scope = Scope.of("plain", default_config())
    for number in range(10):
        found = await asyncio.to_thread(census, Path(sys.argv[1]), scope)
        difference(EMPTY, found)
        found.to_json()
        del found
        await asyncio.to_thread(give_back_memory)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        print(pages * 4096)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the test reads /proc")
def test_repeated_counts_of_very_many_notes_do_not_grow_in_memory(tmp_path: Path) -> None:
    for number in range(8_000):
        (tmp_path / f"{number}.md").touch()
    done = subprocess.run(
        [sys.executable, "-c", COUNTS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    sizes = [int(line) for line in done.stdout.split()]
    assert max(sizes[5:]) - sizes[1] < 2 * 2**20, sizes

"""What a dream over a root at rest loads: next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.dream.notes import FILES_AT_REST

pytestmark = pytest.mark.model

LOADED = """
import sys
from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.store import fingerprint
fingerprint.COARSEST_NS = 0  # file times prove at once that nothing has changed
code = run(cli, sys.argv[1:])
heavy = (
    *("faiss", "kairos.core.judgement.judge", "kairos.dream.front", "markdown_it"),
    *("numpy", "onnxruntime", "pydantic", "yaml"),
)
print([name for name in heavy if name in sys.modules], file=sys.stderr)
"""


def test_the_command_loads_nothing_heavy_and_prints_the_same(experienced: Path) -> None:
    root = experienced / "memory"
    root.mkdir()
    for name, data in FILES_AT_REST.items():
        (root / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    def dream(*words: str) -> tuple[int, str, str]:
        command = [sys.executable, "-c", LOADED, "dream", str(root), "--yes", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr.splitlines()[-1]

    (root / "bad.md").write_bytes(b"caf\xe9\n")
    dream()
    full = dream(), dream("--json"), dream()
    assert "numpy" in full[0][2]
    assert (full[1][2], full[2][2]) == ("[]", "[]")
    assert (full[2][0], full[2][1]) == (full[0][0], full[0][1])
    assert json.loads(full[1][1])[0]["status"] == "nothing"

"""A small soak: the same program, checks and faults as `make soak`, in less than a minute on an idle machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
_SMALL = ("--minutes", "0.5", "--roots", "6", "--flood", "1000", "--within", "5")


@pytest.mark.timeout(600)
def test_nothing_is_lost_leaked_or_forgotten_in_a_small_soak() -> None:
    command = [sys.executable, "-m", "scripts.soak", *_SMALL, "--json"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    checks = json.loads(done.stdout)
    assert {check["name"] for check in checks} >= {"no lost byte", "memory is flat", "each night came once"}
    assert [check for check in checks if not check["ok"]] == []
    assert done.returncode == 0

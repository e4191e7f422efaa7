"""What systemd itself says of the shipped units without starting them: are they valid, and how exposed are they?"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.systemd_box import CHECKOUT

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)

UNITS = CHECKOUT / "systemd"


def analyze(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_COLORS": "0"}
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, env=env, check=False)


def placed(tmp_path: Path, unit: str, drop_in: str | None, name: str) -> tuple[str, ...]:
    """Copy a unit to where systemd can analyse it, with a program that exists. Returns the arguments that name it."""
    text = (UNITS / unit).read_text().replace("/usr/bin/kairosd", "/bin/true")
    (tmp_path / name).write_text(text)
    if drop_in is not None:
        folder = tmp_path / f"{name}.d"
        folder.mkdir()
        shutil.copy(UNITS / drop_in, folder)
    return (("--user",) if unit == "kairos.service" else ()) + ("--no-pager", str(tmp_path / name))


@pytest.mark.parametrize("drop_in", [None, "network.conf", "loopback.conf", "own-code.conf"])
@pytest.mark.parametrize("unit", ["kairos.service", "kairos@.service"])
def test_systemd_finds_no_fault_with_a_unit(tmp_path: Path, unit: str, drop_in: str | None) -> None:
    name = unit.replace("@.", "@root.")  # a bare template is not checked, and root exists everywhere
    done = analyze(tmp_path, "verify", "--man=no", *placed(tmp_path, unit, drop_in, name))
    assert (done.returncode, done.stderr) == (0, "")  # an unknown key only causes a message


@pytest.mark.parametrize(
    ("unit", "drop_in", "score"),
    [
        ("kairos@.service", None, 0.2),
        ("kairos@.service", "loopback.conf", 1.0),
        ("kairos@.service", "network.conf", 1.1),
        ("kairos.service", None, 0.9),
        ("kairos.service", "network.conf", 1.6),
    ],
)
def test_a_unit_is_no_more_exposed_than_it_must_be(
    tmp_path: Path, unit: str, drop_in: str | None, score: float
) -> None:
    threshold = f"--threshold={round(score * 10)}"
    done = analyze(tmp_path, "security", "--offline=true", threshold, *placed(tmp_path, unit, drop_in, unit))
    assert done.returncode == 0, done.stdout.splitlines()[-1] + done.stderr

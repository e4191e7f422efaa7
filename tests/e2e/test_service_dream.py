"""A real dream in the real sandbox: the unit must not forbid anything that the libraries do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import make_user
from tests.e2e.systemd_box import CHECKOUT, Box


@pytest.mark.model
def test_a_dream_in_the_sandbox_reads_judges_and_writes(box: Box, compiled_models: Path) -> None:
    ivy = make_user(box, "ivy")
    ivy.bring_models(compiled_models)
    root = f"{ivy.home}/.claude/projects/x/memory"
    box.write(
        f"{root}/MEMORY.md",
        "- [Ports](ports.md) — where the server listens\n- [Tea](tea.md) — of Kim\n- [Coffee](coffee.md) — of Kim\n",
    )
    box.write(f"{root}/tea.md", "---\nname: Tea\n---\n\nKim drinks green tea at breakfast.\n")
    box.write(f"{root}/coffee.md", "---\nname: Coffee\n---\n\nKim drinks black coffee after lunch.\n")
    box.write(f"{root}/ports.md", "# Ports\n\n- The server listens on port 8080.\n")
    box.write(
        f"{root}/server.md",
        "# Server\n\n- The server listens on port 8080.\n- We deploy on Fridays.\n",
    )
    ivy.own()
    box.write(
        f"/etc/systemd/system/{ivy.unit}.d/99-test.conf",
        f"[Service]\nType=oneshot\nRestart=no\nTimeoutStartSec=250\nEnvironment=PYTHONPATH={CHECKOUT}\n"
        f'ExecStart=\nExecStart="{sys.executable}" -m kairos dream {root} --yes --json\n',
    )
    code, said = ivy.sudo_kairos("service", "install")
    log = box.run("journalctl", "-o", "cat", "-u", ivy.unit).stdout
    assert code == 0, said + log
    (dream,) = next(json.loads(line) for line in log.splitlines() if line.startswith("[{"))
    assert (dream["status"], [change["kind"] for change in dream["changes"]]) == ("applied", ["merge"])
    assert box.get("ls", root).split() == ["MEMORY.md", "coffee.md", "server.md", "tea.md"]
    box.get("test", "-s", f"{ivy.home}/.cache/kairos/opinions.db")  # the judge model has read a pair

"""The same service for macOS, as text only: it has not been run there yet."""

from __future__ import annotations

import plistlib
from pathlib import Path

from kairos.units.needs import SandboxNeeds
from kairos.units.owner import Owner

LABEL = "dev.kairos.daemon"


def agent_file(owner: Owner) -> Path:
    """Return where launchd looks for the agent of one user."""
    return owner.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def property_list(needs: SandboxNeeds, owner: Owner) -> str:
    """Return the agent's property list. launchd has no comparable sandbox, so it only says what to run."""
    log = str(Path(needs.private[0]) / "kairosd.log")
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(needs.command),
            "EnvironmentVariables": {"HOME": str(owner.home), **dict(needs.environment)},
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Background",
            "LowPriorityIO": True,
            "Nice": 15,
            "Umask": 0o077,
            "ExitTimeOut": 15,
            "StandardOutPath": log,
            "StandardErrorPath": log,
        },
        sort_keys=False,
    ).decode()

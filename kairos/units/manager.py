"""Controls systemd through its own commands."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kairos.errors import ServiceError
from kairos.units.files import Service

_BOOTED = Path("/run/systemd/system")
_SECONDS = 90
_PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "MainPID",
    "StatusText",
    "NRestarts",
    "Result",
)


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """What systemd says about a service. `load` is `not-found` if it does not know the service."""

    load: str
    active: str
    sub: str
    enabled: str
    pid: int
    text: str
    restarts: int
    result: str


def why_not(service: Service) -> str | None:
    """Return why systemd cannot be used here, or None if it can."""
    if not _BOOTED.is_dir() or shutil.which("systemctl") is None:
        return "systemd does not run on this machine"
    if not service.system and _run([*service.systemctl, "show-environment"]).returncode:
        return "your own systemd cannot be reached from here: log in as yourself, not by su or sudo"
    return None


def activate(service: Service, *, restart: bool) -> None:
    """Make systemd read the files and start the service, now and at each boot or login."""
    _systemctl(service, "daemon-reload")
    _systemctl(service, "enable", service.name)
    # Without this, systemd refuses to start a service that failed too often. It fails for a new one, which is fine.
    _run([*service.systemctl, "reset-failed", service.name])
    _systemctl(service, "restart" if restart else "start", service.name)


def deactivate(service: Service) -> None:
    """Stop the service and keep it from starting again."""
    _systemctl(service, "disable", "--now", service.name)


def forget(service: Service) -> None:
    """Make systemd notice that the unit files are gone."""
    _systemctl(service, "daemon-reload")
    _run([*service.systemctl, "reset-failed", service.name])


def unit_status(service: Service) -> UnitStatus:
    """Ask systemd for the status of the service; raises ServiceError."""
    done = _systemctl(service, "show", f"--property={','.join(_PROPERTIES)}", service.name)
    told = dict(line.split("=", 1) for line in done.splitlines() if "=" in line)
    return UnitStatus(
        told.get("LoadState", ""),
        told.get("ActiveState", ""),
        told.get("SubState", ""),
        told.get("UnitFileState", ""),
        int(told.get("MainPID") or 0),
        told.get("StatusText", ""),
        int(told.get("NRestarts") or 0),
        told.get("Result", ""),
    )


def lingers(user: str) -> bool:
    """Whether the user's systemd runs from boot on, without a login."""
    return Path("/var/lib/systemd/linger", user).exists()


def others_of(service: Service) -> bool:
    """Whether the service's template unit also serves other users."""
    folders = service.files[0][0].parent.glob("kairos@*.service.d")
    return any(folder.name != f"{service.name}.d" and any(folder.iterdir()) for folder in folders)


def _systemctl(service: Service, *words: str) -> str:
    done = _run([*service.systemctl, *words])
    if done.returncode:
        said = " ".join(done.stderr.split()).partition(" See ")[0] or f"exit code {done.returncode}"
        raise ServiceError(
            f"`{' '.join([*service.systemctl, *words])}` failed: {said.rstrip('.')}.",
            f"See `{service.log_command} -n 20`.",
        )
    return done.stdout


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"}
    try:
        return subprocess.run(  # noqa: S603 - no shell reads it
            command,
            env=env,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(
            f"`{' '.join(command)}` did not end within {_SECONDS} seconds.", "See `journalctl -n 20`."
        ) from None

"""The default places of Kairos' files, without loading the configuration's schema.

Commands that only look at the state have to start fast, and loading the schema takes longer than running them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_SYSTEMD = Path("/run/systemd/system")
"""Exists if systemd runs the machine (sd_booted(3))."""


def default_config_file(env: Mapping[str, str]) -> Path:
    """Return the same as `kairos.config.config_path`."""
    return _xdg(env, "XDG_CONFIG_HOME", ".config") / "config.yaml"


def default_state_dir(env: Mapping[str, str]) -> Path:
    """Return the same as `kairos.config.state_dir` for a configuration that names none."""
    return _xdg(env, "XDG_STATE_HOME", ".local/state")


def how_to_run_daemon() -> str:
    """Return the advice for starting the daemon: as a service if systemd runs, else by hand."""
    return "`kairos service install` sets it up" if _SYSTEMD.is_dir() else "`kairosd` starts it"


def _xdg(env: Mapping[str, str], variable: str, fallback: str) -> Path:
    """Resolve by the XDG base directory specification: a relative value counts as unset."""
    value = env.get(variable, "")
    home = env.get("HOME", "") or Path.home()
    base = Path(value) if value.startswith("/") else Path(home, fallback)
    return base / "kairos"

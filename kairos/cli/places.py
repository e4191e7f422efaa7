"""Where Kairos' files are by default, told without the schema of the configuration.

Commands that only look at the state start fast: the schema's library takes longer to load than they to run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_SYSTEMD = Path("/run/systemd/system")
"""There where systemd runs the machine (sd_booted(3))."""


def default_config_file(env: Mapping[str, str]) -> Path:
    """Return the same as `kairos.config.config_path`."""
    return _xdg(env, "XDG_CONFIG_HOME", ".config") / "config.yaml"


def default_state_dir(env: Mapping[str, str]) -> Path:
    """Return the same as `kairos.config.state_dir` of a configuration that names none."""
    return _xdg(env, "XDG_STATE_HOME", ".local/state")


def how_to_run_daemon() -> str:
    """Return the advice for somebody whose daemon does not run: a service where systemd is, else by hand."""
    return "`kairos service install` sets it up" if _SYSTEMD.is_dir() else "`kairosd` starts it"


def _xdg(env: Mapping[str, str], variable: str, fallback: str) -> Path:
    """Resolve by the XDG base directory specification: a relative value counts as unset."""
    value = env.get(variable, "")
    home = env.get("HOME", "") or Path.home()
    base = Path(value) if value.startswith("/") else Path(home, fallback)
    return base / "kairos"

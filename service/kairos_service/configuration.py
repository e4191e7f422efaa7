"""The configuration file of a daemon: read at the start, and anew whenever somebody asks for that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from kairos.config import Config, config_path, load_config, state_dir
from kairos.errors import ConfigError


class ConfigFile:
    """A file that was named, or the one in the usual place.

    One in the usual place may be missing, and then the defaults hold, as long as nothing was ever read there: a file
    that was there and is not is a fault, and no wish to look after nothing.
    """

    def __init__(self, named: Path | None, env: Mapping[str, str]) -> None:
        self.path = (named or config_path(env)).absolute()
        self.read_at: datetime | None = None
        self._env = env
        self._is_wanted = named is not None

    @property
    def wanted(self) -> Path | None:
        """The file that has to be there, for whoever else shall read it; None where the defaults hold."""
        return self.path if self._is_wanted else None

    def read(self, now: datetime) -> Config:
        """Return the configuration; raises ConfigError."""
        wanted = self.path if self._is_wanted or self.path.exists() else None
        config = load_config(wanted, self._env)
        self._is_wanted, self.read_at = wanted is not None, now
        return config

    def read_anew(self, now: datetime, old: Config) -> Config:
        """Return the configuration that may follow `old` without a restart; raises ConfigError."""
        config = self.read(now)
        kept = {
            "state_dir": state_dir(config, self._env) == state_dir(old, self._env),
            "daemon.metrics": config.daemon.metrics == old.daemon.metrics,
        }
        faults = [
            f"{key}: expected the same; restart to change it" for key, is_kept in kept.items() if not is_kept
        ]
        if faults:
            raise ConfigError(str(self.path), tuple(faults))
        return config

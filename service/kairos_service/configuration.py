"""The daemon's configuration file: read at the start, and again at every reload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from kairos.config import Config, config_path, config_text, default_config, load_config_text, state_dir
from kairos.errors import ConfigError


class ConfigFile:
    """The configuration file: the one named on the command line, or the one in the usual place.

    A file in the usual place may be missing, in which case the defaults apply. Once it has been read, its absence is an
    error: a file that vanished does not mean that nothing is to be looked after.
    """

    def __init__(self, named: Path | None, env: Mapping[str, str]) -> None:
        self.path = (named or config_path(env)).absolute()
        self.read_at: datetime | None = None
        self.in_force = ""
        """The text of the file when it was last accepted; empty if the defaults apply."""
        self._env = env
        self._is_wanted = named is not None

    def read(self, now: datetime) -> Config:
        """Read the configuration; raises ConfigError."""
        config, text = self._read()
        self._accept(text, now)
        return config

    def reload(self, now: datetime, old: Config) -> Config:
        """Read the configuration again; raises ConfigError, also if the change from `old` needs a restart."""
        config, text = self._read()
        kept = {
            "state_dir": state_dir(config, self._env) == state_dir(old, self._env),
            "daemon.metrics": config.daemon.metrics == old.daemon.metrics,
        }
        faults = [
            f"{key}: expected the same; restart to change it" for key, is_kept in kept.items() if not is_kept
        ]
        if faults:
            raise ConfigError(str(self.path), tuple(faults))
        self._accept(text, now)
        return config

    def _read(self) -> tuple[Config, str]:
        text = config_text(self.path if self._is_wanted else None, self._env)
        if text is None:
            return default_config(), ""
        self._is_wanted = True
        return load_config_text(text, self.path, self._env), text

    def _accept(self, text: str, now: datetime) -> None:
        self.in_force, self.read_at = text, now

"""The configuration: one YAML file, read strictly, with all faults reported at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from glob import escape
from pathlib import Path

from kairos.config.daemon import Backoff, Daemon, Gates, Metrics, Schedule, Watch, Worker
from kairos.config.parsed_cache import cache_file, load, store
from kairos.config.schema import (
    Config,
    ConfiguredRoot,
    Dates,
    Index,
    Journal,
    Judge,
    Limits,
    Llm,
    Model,
    Prune,
    RootConfig,
    expand_home,
)
from kairos.errors import ConfigError

__all__ = [
    "Backoff",
    "Config",
    "ConfiguredRoot",
    "Daemon",
    "Dates",
    "Gates",
    "Index",
    "Journal",
    "Judge",
    "Limits",
    "Llm",
    "Metrics",
    "Model",
    "Prune",
    "RootConfig",
    "Schedule",
    "Watch",
    "Worker",
    "cache_dir",
    "config_path",
    "config_text",
    "default_config",
    "dump",
    "example",
    "expand_home",
    "home_dir",
    "judge_model",
    "load_config",
    "load_config_text",
    "load_state_dir",
    "model_path",
    "parse_config",
    "state_dir",
]

_EXAMPLE = "config.example.yaml"


def load_config(path: Path | None, env: Mapping[str, str]) -> Config:
    """Read the configuration at `path`, or at its usual place; a file missing there means the defaults.

    Raises ConfigError with every fault of the file.
    """
    text = config_text(path, env)
    return default_config() if text is None else load_config_text(text, path, env)


def config_text(path: Path | None, env: Mapping[str, str]) -> str | None:
    """Return the text of the configuration at `path`, or at its usual place; None if a file is missing there.

    Raises ConfigError if the file cannot be read, or there is none at `path`.
    """
    chosen = path or config_path(env)
    try:
        return chosen.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if path is None:
            return None
        raise ConfigError(str(chosen), ("there is no such file",)) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(chosen), (f"expected UTF-8 text; byte {error.start} is not",)) from None
    except OSError as error:
        raise ConfigError(str(chosen), (f"cannot be read: {error.strerror}",)) from None


def load_config_text(text: str, path: Path | None, env: Mapping[str, str]) -> Config:
    """Return the configuration in `text`, which was read from `path` or its usual place; raises ConfigError.

    Parsing is skipped if the cache holds the result for the same text.
    """
    chosen = path or config_path(env)
    place = cache_file(_xdg(env, "XDG_CACHE_HOME", ".cache"), chosen)
    config = load(place, text)
    if config is None:
        config = parse_config(text, str(chosen))
        store(place, text, config)
    return config


def load_state_dir(path: Path | None, env: Mapping[str, str]) -> Config:
    """Return the defaults with the file's `state_dir`, so that the state is found despite faults elsewhere in it."""
    from kairos.config.reader import read_section  # noqa: PLC0415 - as in `parse_config`
    from kairos.config.source import read_yaml  # noqa: PLC0415

    try:
        value, _ = read_yaml((path or config_path(env)).read_text(encoding="utf-8-sig"))
        config, _ = read_section(Config, {"state_dir": dict(value or {}).get("state_dir")})
    except (OSError, TypeError, ValueError):  # UnicodeDecodeError is a ValueError
        config = None
    return config or default_config()


def parse_config(text: str, source: str) -> Config:
    """Parse a configuration from YAML; raises ConfigError naming `source`."""
    from kairos.config.reader import read_section  # noqa: PLC0415 - an unchanged file is not parsed again
    from kairos.config.source import read_yaml  # noqa: PLC0415

    value, faults = read_yaml(text)
    config, wrong = read_section(Config, {} if value is None else value)
    if config is None or faults:
        raise ConfigError(source, (*faults, *wrong))
    return config


def default_config() -> Config:
    """Return the configuration that holds if there is no file."""
    return Config()


def example(roots: Sequence[str] = ()) -> str:
    """Return the text of `config.example.yaml`, with the directories `roots` filled in."""
    packaged = Path(__file__).parent.parent / _EXAMPLE
    checkout = packaged.parent.parent / _EXAMPLE  # an editable install reads the file in the repository
    text = (packaged if packaged.is_file() else checkout).read_text(encoding="utf-8")
    if not roots:
        return text
    import json  # noqa: PLC0415 - only `kairos init` fills in roots

    # Escaped, so that paths are not read as patterns. A JSON string is a YAML string, whatever characters it holds.
    listed = "".join(f"\n  - {json.dumps(escape(root), ensure_ascii=False)}" for root in roots)
    return text.replace("\nroots: []", f"\nroots:{listed}", 1)


def dump(config: Config) -> str:
    """Return `config` as YAML that loads to the same configuration."""
    import yaml  # noqa: PLC0415 - as in `parse_config`

    return yaml.safe_dump(config.to_value(), sort_keys=False, allow_unicode=True, default_flow_style=False)


def config_path(env: Mapping[str, str]) -> Path:
    """Return the usual place of the configuration: `$XDG_CONFIG_HOME/kairos/config.yaml`."""
    return _xdg(env, "XDG_CONFIG_HOME", ".config") / "config.yaml"


def state_dir(config: Config, env: Mapping[str, str]) -> Path:
    """Return the directory of the journal and the state."""
    if config.state_dir is not None:
        return expand_home(config.state_dir, home_dir(env))
    return _xdg(env, "XDG_STATE_HOME", ".local/state")


def cache_dir(config: Config, env: Mapping[str, str]) -> Path:
    """Return the directory of data that can be computed again: vectors and indexes."""
    if config.cache_dir is not None:
        return expand_home(config.cache_dir, home_dir(env))
    return _xdg(env, "XDG_CACHE_HOME", ".cache")


def model_path(config: Config, env: Mapping[str, str]) -> Path | None:
    """Return the directory of the embedding model if the configuration names one by path; None otherwise."""
    return None if config.model.path is None else expand_home(config.model.path, home_dir(env))


def judge_model(config: Config, env: Mapping[str, str]) -> str | None:
    """Return the path or the hub name of the judge model; None means the one that Kairos ships."""
    name = config.judge.model
    return str(expand_home(name, home_dir(env))) if name and name.startswith("~") else name


def home_dir(env: Mapping[str, str]) -> Path:
    """Return the user's home directory, by `env` if that has one."""
    home = env.get("HOME", "")
    return Path(home) if home else Path.home()


def _xdg(env: Mapping[str, str], variable: str, fallback: str) -> Path:
    """Resolve by the XDG base directory specification: a relative value counts as unset."""
    value = env.get(variable, "")
    base = Path(value) if value.startswith("/") else home_dir(env) / fallback
    return base / "kairos"

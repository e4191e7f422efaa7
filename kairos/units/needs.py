"""What the daemon needs access to under one configuration, so that its sandbox can deny everything else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kairos.config import (
    Config,
    cache_dir,
    config_path,
    expand_home,
    judge_model,
    model_path,
    state_dir,
)
from kairos.config.globs import is_pattern
from kairos.core.root.hosts import is_loopback
from kairos.units.installation import Installation
from kairos.units.owner import Owner
from kairos.units.places import (
    HOMES,
    can_be_written_down,
    fixed_part,
    is_too_wide,
    is_within,
    outermost,
    passes_link,
)

_DAEMON_MEMORY_MB = 512
_PASSED_ON = (
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "CLAUDE_CONFIG_DIR",
    "HF_HOME",
    "HF_HUB_CACHE",
)
"""Variables that say where things are. No secrets: unit files can be read by everybody."""


class Network(StrEnum):
    """How far the daemon's network access must reach."""

    NONE = "none"
    LOOPBACK = "loopback"
    ANYWHERE = "network"


@dataclass(frozen=True, slots=True)
class SandboxNeeds:
    """What the sandbox must allow. Paths are real and absolute; `remarks` tell the user what will not work, and why."""

    command: tuple[str, ...]
    reload: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    writable: tuple[str, ...]
    readable: tuple[str, ...]
    private: tuple[str, ...]
    """Kairos' own directories, to be created before the daemon starts."""
    secrets: str | None
    """A file of NAME=value lines with the key of a language model."""
    homes_visible: bool
    network: Network
    own_code: bool
    memory_mb: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Places:
    """What the roots need."""

    writable: tuple[str, ...]
    homes_visible: bool
    remarks: tuple[str, ...]


def needs_of(
    config: Config, config_file: Path | None, owner: Owner, installation: Installation
) -> SandboxNeeds:
    """Return what the daemon needs for `config`, which was read from `config_file` or from `owner`'s usual place."""
    file = _absolute(config_file) if config_file else config_path(owner.env)
    private = (_absolute(state_dir(config, owner.env)), _absolute(cache_dir(config, owner.env)))
    roots = _places_of_roots(config, str(owner.home))
    readable = [str(path) for path in (*installation.code, *_models(config, owner))]
    # The file's directory: if only the file were open, saving by rename would leave the daemon with the old one.
    folder = str(file.parent)
    readable.append(str(file) if is_too_wide(folder, str(owner.home)) else folder)
    writable = [*roots.writable, *map(str, private), *_other_writable(config, owner)]
    unwritable_names = [path for path in (*writable, *readable) if not can_be_written_down(path)]
    foreign = [path for path in writable if path not in unwritable_names and _is_in_foreign_home(path, owner)]
    linked = [path for path in (*writable, *readable) if is_within(path, HOMES) and passes_link(path)]
    open_for_writing = outermost(
        os.path.realpath(path) for path in writable if path not in (*unwritable_names, *foreign)
    )
    return SandboxNeeds(
        command=(*installation.command, *(("--config", str(file)) if config_file else ())),
        reload=(*installation.reload, str(private[0])),
        environment=tuple(_passed_on(owner).items()),
        writable=open_for_writing,
        readable=tuple(
            path
            for path in outermost(os.path.realpath(path) for path in readable if path not in unwritable_names)
            if not is_within(path, open_for_writing)
        ),
        private=tuple(map(str, private)),
        secrets=str(file.parent / "environment") if config.llm.api_key_env else None,
        homes_visible=roots.homes_visible or bool(linked),
        network=_network(config),
        own_code=config.llm.provider == "claude",
        memory_mb=_DAEMON_MEMORY_MB + config.daemon.worker.at_once * config.daemon.worker.memory_mb,
        remarks=(
            *roots.remarks,
            *(
                f"{path} has a name that a unit cannot express; the daemon has no access to it."
                for path in unwritable_names
            ),
            *(f"{path} is in another user's home; the daemon has no access to it." for path in foreign),
            *(
                f"{path} leads through a link, so the daemon may read home directories."
                for path in linked[:1]
            ),
        ),
    )


def _places_of_roots(config: Config, home: str) -> _Places:
    writable: list[str] = []
    remarks: list[str] = []
    homes_visible = False
    for pattern in dict.fromkeys(root.path for root in config.roots if root.enabled):
        full = str(expand_home(pattern, Path(home)))
        place = fixed_part(full)
        if not is_too_wide(place, home):
            writable.append(place)
            if not Path(place).is_dir():
                remarks.append(f"{place} does not exist yet: restart the service once it does.")
        elif is_pattern(pattern):
            homes_visible = homes_visible or is_within(place, HOMES) or is_within(home, [place])
            writable += (str(root.path) for root in config.roots_expanded(Path(home)))
            remarks.append(
                f"{pattern} is too broad to allow as a whole: only what it matches today is writable."
            )
        else:
            writable.append(full)
            remarks.append(
                f"{pattern} is writable, but {place} around it is not: restart the service if you replace it."
            )
    return _Places(tuple(writable), homes_visible, tuple(remarks))


def _is_in_foreign_home(path: str, owner: Owner) -> bool:
    """Whether `path` lies in somebody else's home. Opening it would bypass that home's permissions, as mounts do."""
    real = os.path.realpath(path)
    if not is_within(real, HOMES) or is_within(real, [os.path.realpath(owner.home)]):
        return False
    try:
        return os.lstat(real).st_uid != owner.uid
    except OSError:
        return True


def _models(config: Config, owner: Owner) -> Iterator[Path]:
    named = model_path(config, owner.env)
    if named is not None:
        yield named
    judge = judge_model(config, owner.env)
    if judge is not None and judge.startswith("/"):
        yield Path(judge)
    if not config.model.allow_download:
        yield _hub(owner)


def _other_writable(config: Config, owner: Owner) -> Iterator[str]:
    """Yield the places that are written when models are downloaded, and by the language model's command."""
    if config.model.allow_download:
        yield str(_hub(owner))
    if config.llm.provider == "claude":
        yield owner.env.get("CLAUDE_CONFIG_DIR") or str(owner.home / ".claude")
        yield str(owner.home / ".claude.json")


def _hub(owner: Owner) -> Path:
    """Return where the daemon's hub client will keep models, by the variables that it reads, in its order.

    Not the client's whole directory, which also contains a token.
    """
    env = _passed_on(owner)
    if chosen := env.get("HF_HUB_CACHE"):
        return Path(chosen)
    cache = env.get("XDG_CACHE_HOME") or owner.home / ".cache"
    return Path(env.get("HF_HOME") or Path(cache, "huggingface"), "hub")


def _passed_on(owner: Owner) -> dict[str, str]:
    """Return the variables that the unit sets; a relative path would mean another place to the daemon."""
    return {name: owner.env[name] for name in _PASSED_ON if owner.env.get(name, "").startswith("/")}


def _network(config: Config) -> Network:
    """Return the network access that the configuration needs; Unix sockets need none."""
    url = config.llm.base_url
    leaves = config.llm.provider is not None and not (url and is_loopback(url))
    if leaves or config.model.allow_download:
        return Network.ANYWHERE
    metrics = config.daemon.metrics.listen
    inside = config.llm.provider is not None or (metrics is not None and not metrics.startswith("unix:"))
    return Network.LOOPBACK if inside else Network.NONE


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are written

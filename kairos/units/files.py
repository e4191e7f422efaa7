"""The files of a service: a shipped unit, unchanged, and the drop-ins that adapt it to this installation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kairos.errors import UsageError
from kairos.units.needs import Network, SandboxNeeds
from kairos.units.owner import Owner
from kairos.units.unit_text import drop_in

MARK = "# Written by `kairos service install`, which writes it anew each time: "
"""The beginning of each file, by which our own files are told from others."""

_SYSTEM_UNITS = Path("/etc/systemd/system")
_SYSTEM_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


@dataclass(frozen=True, slots=True)
class Service:
    """A unit's name, its files with their texts, and the files that an earlier configuration may have left behind."""

    name: str
    system: bool
    files: tuple[tuple[Path, str], ...]
    superseded: tuple[Path, ...]

    @property
    def systemctl(self) -> tuple[str, ...]:
        """The `systemctl` command for the systemd that runs this service: the system's or the user's."""
        return ("systemctl",) if self.system else ("systemctl", "--user")

    @property
    def log_command(self) -> str:
        """The command that shows the log."""
        return f"journalctl {'-u' if self.system else '--user -u'} {self.name}"

    def paths(self) -> tuple[Path, ...]:
        """Return every file that this service may consist of."""
        return (*(path for path, _ in self.files), *self.superseded)


def service_for(needs: SandboxNeeds, owner: Owner, *, system: bool) -> Service:
    """Return the service that runs the daemon of `owner`."""
    unit = "kairos@.service" if system else "kairos.service"
    name = f"kairos@{_instance(owner.name)}.service" if system else unit
    units = _SYSTEM_UNITS if system else _user_units(owner)
    folder = units / f"{name}.d"
    mark = f"{MARK}add your own\n# lines by `{'sudo systemctl' if system else 'systemctl --user'} edit {name}`.\n\n"
    files = {units / unit: mark + shipped(unit), folder / "10-paths.conf": mark + drop_in(needs)}
    extras = {
        folder / "20-network.conf": needs.network is not Network.NONE and f"{needs.network}.conf",
        folder / "30-own-code.conf": needs.own_code and "own-code.conf",
    }
    files |= {path: mark + shipped(source) for path, source in extras.items() if source}
    superseded = tuple(path for path, source in extras.items() if not source)
    return Service(name, system, tuple(files.items()), superseded)


def shipped(name: str) -> str:
    """Return the text of a file in `systemd/`."""
    package = Path(__file__).parent.parent
    packaged = package / "systemd" / name
    checkout = package.parent / "systemd" / name  # an editable install reads the file in the repository
    return (packaged if packaged.is_file() else checkout).read_text(encoding="utf-8")


def has_our_mark(text: str) -> bool:
    """Whether the text of a file was written by Kairos."""
    return text.startswith(MARK)


def _user_units(owner: Owner) -> Path:
    chosen = owner.env.get("XDG_CONFIG_HOME", "")
    base = Path(chosen) if chosen.startswith("/") else owner.home / ".config"
    return base / "systemd" / "user"


def _instance(user: str) -> str:
    if not _SYSTEM_NAME.issuperset(user):
        raise UsageError(
            f"The user name {user} does not fit into the name of a unit.",
            "Install the service as that user, without --system.",
        )
    return user

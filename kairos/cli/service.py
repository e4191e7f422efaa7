"""`kairos service`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import home
from kairos.cli.options import config_option, json_option
from kairos.cli.terminal import configured, print_json
from kairos.core.text.counts import count
from kairos.errors import ExitCode, ServiceError, UsageError
from kairos.report.escape import visible
from kairos.report.phrases import short_path

if TYPE_CHECKING:
    from kairos.units import Owner, SandboxNeeds, Service
    from kairos.units.manager import UnitStatus


@click.group()
def service() -> None:
    """Run the daemon as a systemd service."""


def _service_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        config_option,
        click.option(
            "--user", "user", metavar="NAME", help="With --system: the user to run it for, instead of you."
        ),
        click.option("--system", is_flag=True, help="A system service, running from boot on; needs root."),
    ):
        function = option(function)
    return function


_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be written, and change nothing.")


@service.command(short_help="Write the unit, and start it.")
@_service_options
@_dry_run
def install(*, system: bool, user: str | None, dry_run: bool, config_file: Path | None) -> None:
    """Write the unit with the paths of this installation, and start it.

    Run it again after changing the directories in the configuration: it writes only what differs.
    """
    from kairos.units.install import make_private, write
    from kairos.units.manager import activate, unit_status

    owner, needs, meant = _meant(system=system, user=user, config_file=config_file)
    if dry_run:
        _show(needs, meant)
        return
    _refuse_without_systemd(needs, meant)
    make_private(needs.private, owner)
    changed = write(meant)
    for path in changed:
        click.echo(f"wrote {_short(path)}" if path.exists() else f"removed {_short(path)}")
    activate(meant, restart=bool(changed))
    now = unit_status(meant)
    click.echo(
        f"{meant.name} {'is' if changed else 'was up to date, and is'} {now.active}, and enabled: it starts "
        + ("at boot." if meant.system else "when you log in.")
    )
    _advise(needs, meant, owner)


@service.command(short_help="Stop the service, and remove its unit.")
@_service_options
@_dry_run
def uninstall(*, system: bool, user: str | None, dry_run: bool, config_file: Path | None) -> None:
    """Stop the service and remove its unit. Notes, journal and configuration stay."""
    from kairos.units.install import remove, written_by_kairos
    from kairos.units.manager import deactivate, forget, others_of, unit_status, why_not

    _, _, meant = _meant(system=system, user=user, config_file=config_file)
    shared = meant.files[:1] if meant.system and others_of(meant) else ()
    paths = [path for path in meant.paths() if path not in dict(shared)]
    if dry_run:
        for path in written_by_kairos(paths):
            click.echo(f"would remove {_short(path)}")
        return
    _need_root(meant)
    reachable = why_not(meant) is None
    if reachable and unit_status(meant).load != "not-found":
        deactivate(meant)
    gone = remove(paths)
    for path in gone:
        click.echo(f"removed {_short(path)}")
    if reachable:
        forget(meant)
    stay = f"{_short(meant.files[0][0])} stays: it serves other users. " if shared else ""
    click.echo(
        f"{stay}{meant.name} is {'gone' if gone else 'not installed'}; the state and the configuration stay."
    )


@service.command(short_help="Show the state of the service.")
@_service_options
@json_option
def status(*, system: bool, user: str | None, as_json: bool, config_file: Path | None) -> int:
    """Show the state of the service, and whether its files still fit the configuration."""
    from kairos.units.install import differences
    from kairos.units.manager import unit_status, why_not

    owner, needs, meant = _meant(system=system, user=user, config_file=config_file)
    if reason := why_not(meant):
        raise ServiceError(f"There is no service here: {reason}.")
    now = unit_status(meant)
    stale = differences(meant) if now.load != "not-found" else ()
    code = ExitCode.PARTIAL if stale or now.active != "active" else ExitCode.OK
    if as_json:
        print_json(_value(meant.name, now, [str(path) for path in stale]))
        return code
    if now.load == "not-found":
        installs = configured("`kairos service install` installs it")
        click.echo(f"{meant.name} is not installed. {installs}.")
        return ExitCode.PARTIAL
    process = f", PID {now.pid}" if now.pid else ""
    click.echo(f"{meant.name} is {now.active} ({now.sub}{process}), {now.enabled or 'not enabled'}.")
    if now.text:
        click.echo(f"  Its status: {visible(now.text)}")
    if now.restarts or now.result not in ("success", ""):
        click.echo(f"  Restarted {count(now.restarts, 'time')}; its last result: {now.result}.")
    for path in stale:
        advice = configured("run `kairos service install` again")
        click.echo(f"  {_short(path)} is out of date: {advice}.")
    _advise(needs, meant, owner)
    return code


def _value(name: str, now: UnitStatus, outdated: Sequence[str]) -> dict[str, Any]:
    if now.load == "not-found":
        return {"service": name, "installed": False}
    return {
        "service": name,
        "installed": True,
        "active": now.active,
        "state": now.sub,
        "enabled": now.enabled,
        "pid": now.pid or None,
        "says": now.text,
        "restarts": now.restarts,
        "result": now.result,
        "outdated": list(outdated),
    }


def _meant(
    *, system: bool, user: str | None, config_file: Path | None
) -> tuple[Owner, SandboxNeeds, Service]:
    from kairos.config import load_config
    from kairos.units import needs_of, owner_named, service_for, this_installation, this_owner

    if user is not None and not system:
        raise UsageError("--user needs --system: without it, the service is your own.")
    name = user or os.environ.get("SUDO_USER") if system else None
    owner = owner_named(name) if name else this_owner(os.environ)
    installation = this_installation()
    needs = needs_of(load_config(config_file, owner.env), config_file, owner, installation)
    if sys.platform == "darwin":
        _for_macos(needs, owner)
    return owner, needs, service_for(needs, owner, system=system)


def _for_macos(needs: SandboxNeeds, owner: Owner) -> None:
    from kairos.units.launchd import agent_file, property_list

    click.echo(property_list(needs, owner), nl=False)
    raise ServiceError(
        "macOS has no systemd; the above is a property list for launchd, which nobody has tried yet.",
        f"Save it as {agent_file(owner)}, then run `launchctl bootstrap gui/{owner.uid} {agent_file(owner)}`.",
    )


def _refuse_without_systemd(needs: SandboxNeeds, meant: Service) -> None:
    from kairos.units.manager import why_not

    _need_root(meant)
    if reason := why_not(meant):
        _show(needs, meant)
        raise ServiceError(
            f"Nothing was written: {reason}.",
            f"The files are shown above. Without systemd, have your own service manager run kairosd: "
            f"`{' '.join(needs.command)}`.",
        )


def _need_root(meant: Service) -> None:
    if meant.system and os.geteuid() != 0:
        raise ServiceError(
            "Only root can change a system service.", "Run this with sudo, or leave out --system."
        )


def _show(needs: SandboxNeeds, meant: Service) -> None:
    for path, text in meant.files:
        click.echo(f"### {visible(str(path))}\n{visible(text)}")
    _print_remarks(needs)


def _print_remarks(needs: SandboxNeeds) -> None:
    for remark in needs.remarks:
        click.echo(f"note: {visible(remark)}")


def _advise(needs: SandboxNeeds, meant: Service, owner: Owner) -> None:
    from kairos.units.manager import lingers

    _print_remarks(needs)
    if needs.secrets is not None and not Path(needs.secrets).exists():
        click.echo(
            f"note: put the key of the language model into {_short(Path(needs.secrets))}, "
            "as NAME=value, mode 600."
        )
    if not meant.system and not lingers(owner.name):
        click.echo(
            f"It ends when you log out; `loginctl enable-linger {owner.name}` makes it run from boot on."
        )
    click.echo(f"Log: `{meant.log_command} -f`. State: {configured('`kairos status`')}.")


def _short(path: Path) -> str:
    return visible(short_path(str(path), home()))

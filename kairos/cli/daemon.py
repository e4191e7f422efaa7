"""The daemon as seen by commands: its status or, if it does not run, what it left in its ledger."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kairos.cli.access import lenient_config, local_now, state_directory
from kairos.cli.places import default_config_file, default_state_dir
from kairos.cli.timeouts import switch_place, with_timeout
from kairos.control.places import lock_file, socket_file
from kairos.errors import DaemonError, ExitCode

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.control.ledger import Ledger, RootRecord
    from kairos.control.protocol import Request
    from kairos.control.status import ConfigStatus, DaemonStatus, GcRecord, RootStatus

_TIMEOUT_SECONDS = 2.0
_NOT_UNDERSTOOD = DaemonError("kairosd gave an answer that this version does not understand.", "Restart it.")


class DaemonView(NamedTuple):
    """What is known about the daemon: `status` if it answers, `problem` if it runs but does not answer.

    `roots` (by real path), `paused_until` (the pause of all roots) and `gc` (the last collection) come from its answer,
    or without one from its ledger. `flaw` says what is wrong with the ledger.
    """

    status: DaemonStatus | None
    problem: str | None
    roots: Mapping[str, RootStatus]
    paused_until: datetime | None = None
    gc: GcRecord | None = None
    flaw: str | None = None

    @classmethod
    def of(cls, status: DaemonStatus) -> DaemonView:
        """Return the view of a running daemon."""
        return cls(status, None, {root.path: root for root in status.roots}, status.paused_until, status.gc)


def _view_of(state_dir: Path, *, shut_gates_only: bool) -> DaemonView:
    """Ask the daemon of a state directory for its status, with all gates or the shut ones; else read its ledger."""
    switch_place(state_dir)
    problem = None
    try:
        status = (
            _ask_status(state_dir, shut_gates_only=shut_gates_only)
            if socket_file(state_dir).exists()
            else None
        )
        if status is not None:
            return DaemonView.of(status)
        problem = _problem_of_silent_holder(state_dir) if lock_file(state_dir).exists() else None
    except DaemonError as error:
        problem = str(error)
    from kairos.control.ledger import read_ledger

    ledger = read_ledger(state_dir)
    noted = {path: _status_from_record(path, record) for path, record in ledger.roots.items()}
    return DaemonView(None, problem, noted, ledger.paused_until, ledger.gc, ledger.problem)


def load_config_and_daemon(
    config_file: Path | None, *, shut_gates_only: bool = False
) -> tuple[Config | None, DaemonView, ExitCode]:
    """Return the configuration, what is known about its daemon, and the exit code.

    A faulty file is reported, and sets the exit code, but hides nothing. If the daemon has already read the file as it
    is now, it knows the roots and faults itself: then the configuration is None, which saves loading its schema, the
    slowest part of all.

    Raises SilenceError if the file, or the state directory, does not answer.
    """
    file = config_file or default_config_file(os.environ)
    return with_timeout(
        file, lambda: _load_config_and_daemon(file, config_file, shut_gates_only=shut_gates_only)
    )


def _load_config_and_daemon(
    file: Path, config_file: Path | None, *, shut_gates_only: bool
) -> tuple[Config | None, DaemonView, ExitCode]:
    if _names_no_state(file):
        view = _view_of(default_state_dir(os.environ), shut_gates_only=shut_gates_only)
        switch_place(file)
        if view.status is not None and _has_read(view.status.config, file):
            return None, view, ExitCode.OK
    config, code = lenient_config(config_file)
    return config, _view_of(state_directory(config), shut_gates_only=shut_gates_only), code


def _names_no_state(file: Path) -> bool:
    try:
        return b"state_dir" not in file.read_bytes()
    except OSError:
        return False


def _has_read(config: ConfigStatus, file: Path) -> bool:
    """Whether the daemon follows this very file, without errors, and nobody has written it since."""
    try:
        written = file.stat().st_mtime
    except OSError:
        return False
    is_the_same = config.path == str(file.absolute()) and config.error is None
    return is_the_same and config.read_at is not None and written < config.read_at.timestamp()


def _ask_status(state_dir: Path, *, shut_gates_only: bool) -> DaemonStatus | None:
    from kairos.control.client import ask
    from kairos.control.protocol import Request, Verb

    request = Request(Verb.STATUS, shut_gates_only=shut_gates_only)
    answer = ask(state_dir, request, timeout=_TIMEOUT_SECONDS)
    return None if answer is None else parse_status(answer)


def _problem_of_silent_holder(state_dir: Path) -> str | None:
    """Return what is wrong if a daemon holds the lock but has no socket; None if none holds it."""
    from kairos.control.lock import holder

    found = holder(state_dir)
    return (
        None
        if found is None
        else f"It is running ({found}), but does not answer: it is starting, stopping, or stuck."
    )


def parse_status(answer: Mapping[str, object]) -> DaemonStatus:
    """Return the status in an answer; raises DaemonError if it holds none that this version understands."""
    from kairos.control.status import DaemonStatus

    try:
        return DaemonStatus.from_value(answer.get("status"))
    except ValueError:
        raise _NOT_UNDERSTOOD from None


def request_or_edit_ledger(state_dir: Path, request: Request, change: Callable[[Ledger], Ledger]) -> None:
    """Have the daemon carry out a request; if none runs, make the same change in its ledger."""
    from kairos.control.client import ask
    from kairos.control.ledger import change_ledger
    from kairos.control.lock import DaemonLock
    from kairos.store.disk import storage_errors
    from kairos.store.private import private_directory

    if ask(state_dir, request) is None:
        # This is the daemon's own lock: none can start while we write what it will read.
        with (
            storage_errors(f"use {state_dir}"),
            private_directory(state_dir),
            DaemonLock(state_dir, local_now()),
        ):
            change_ledger(state_dir, change)


def _status_from_record(path: str, record: RootRecord) -> RootStatus:
    from kairos.control.status import RootStatus

    return RootStatus(
        path,
        kept_by=record.kept_by,
        kept_since=record.kept_since,
        paused_until=record.paused_until,
        last_success=record.last_success,
        last_failure=record.last_failure,
        failures=record.failures,
        last_error=record.last_error,
        tail=record.tail,
    )

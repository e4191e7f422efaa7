"""`kairos dream`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import home, local_now, open_state, read_config
from kairos.cli.failures import described, passes_through, say
from kairos.cli.moments import moment_option
from kairos.cli.options import PathAsGiven, config_option, json_option
from kairos.cli.progress_pipe import ProgressPipe
from kairos.cli.progress_relay import ProgressRelay
from kairos.cli.roots import unknown_root
from kairos.cli.terminal import Stages, configured, page, print_json
from kairos.errors import ExitCode, LockedError, NoSuchRootError, UsageError
from kairos.layouts import by_name
from kairos.model import IndexSize
from kairos.report.phrases import short_path
from kairos.store.interruption import Terminated
from kairos.store.overview import moves

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.dream import Kairos, Mode, Outcome
    from kairos.model import Plan

_BEST_TO_WORST = (
    ExitCode.OK,
    ExitCode.PARTIAL,
    ExitCode.CHANGED,
    ExitCode.LOCKED,
    ExitCode.NO_SUCH_ROOT,
    ExitCode.USAGE,
    ExitCode.ERROR,
)
_KEPT_ALIVE: list[_Batch] = []
"""Keeps the last batch alive until the process ends: freeing everything that its dreams read and computed, value by
value, would only take time."""


@click.command()
@click.argument("roots", metavar="[ROOT]...", nargs=-1, type=PathAsGiven())
@click.option("--dry-run", is_flag=True, help="Show every edit; write nothing at all.")
@click.option("--yes", "-y", is_flag=True, help="Apply what is certain without asking.")
@click.option("--now", metavar="DATE", callback=moment_option, help="Dream as of this day or point in time.")
@json_option
@config_option
def dream(
    roots: Sequence[Path],
    *,
    dry_run: bool,
    yes: bool,
    now: datetime | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Dream over memory directories.

    Without a ROOT, dreams over every directory that the configuration names. Shows what it would do and, on a
    terminal, asks before doing it. The first dream of a directory only reports, unless you pass --yes.
    """
    from kairos.dream import Mode

    if dry_run and yes:
        raise UsageError("--dry-run and --yes cannot be combined.")
    config = read_config(config_file)
    mode = Mode.PREVIEW if dry_run else Mode.UNATTENDED if yes else Mode.ASK
    with Stages() as stages:
        relay = ProgressRelay(stages, ProgressPipe(os.environ))
        batch = _Batch(config, now or local_now(), mode, stages, relay, as_json=as_json)
        _KEPT_ALIVE[:] = [batch]
        try:
            codes = [batch.dream(root) for root in roots or _configured(config)]
        finally:
            if as_json and batch.values:
                print_json(batch.values)
    return max(codes, key=_BEST_TO_WORST.index)


def _configured(config: Config) -> Sequence[Path]:
    from kairos.config import home_dir

    roots = [root.path for root in config.roots_expanded(home_dir(os.environ))]
    if not roots:
        raise UsageError(
            "No memory directory is configured.",
            "Run `kairos init`, or name one: `kairos dream DIRECTORY`.",
        )
    return roots


@dataclass
class _Batch:
    """The dreams of one command: one root after the other, each reported when it ends."""

    config: Config
    now: datetime
    mode: Mode
    stages: Stages
    relay: ProgressRelay
    as_json: bool
    values: list[dict[str, Any]] = field(default_factory=list)
    shown: Plan | None = None

    @cached_property
    def kairos(self) -> Kairos:
        """The front door; created only if some root is not at rest."""
        from kairos.dream import Kairos

        return Kairos(self.config, env=os.environ, now=self.now, progress=self.relay)

    def budget(self, plan: Plan) -> IndexSize:
        """Return the size that the index of a root may have."""
        return by_name(plan.layout).budget(IndexSize(self.config.index.lines, self.config.index.bytes))

    def dream(self, root: Path) -> ExitCode:
        """Dream over one root. Its errors are reported and returned as the exit code, so that the others still run.

        A signal raises KeyboardInterrupt or Terminated either before anything is written, or after the root is
        written and reported in full.
        """
        with self.relay.deferring_signals():
            return self._dream(root)

    def _dream(self, root: Path) -> ExitCode:
        try:
            outcome = self._outcome(root.absolute())
        except Exception as error:  # whatever is wrong with this root, dream over the others
            if passes_through(error):
                raise
            self.stages.stop()
            sentence, code = described(self._told_better(error, root), short_path(str(root), home()))
            sentence = configured(sentence)
            say(sentence, code)
            self.values.append({"root": str(root), "status": "error", "error": sentence, "exit_code": code})
            return code
        except (KeyboardInterrupt, Terminated):
            self.values.append({"root": str(root), "status": "interrupted"})
            raise
        self.stages.stop()
        if self.as_json:
            from kairos.report.values import dream_value

            self.values.append(dream_value(outcome))
        else:
            self._report(outcome)
        return exit_code(outcome)

    def _told_better(self, error: Exception, root: Path) -> Exception:
        """Return what was most likely meant by a root that does not exist and is not known; else the error itself."""
        if not isinstance(error, NoSuchRootError) or os.path.lexists(root):
            return error
        with open_state(self.config) as state:
            known = state.roots()
            return error if os.path.realpath(root) in known else unknown_root(root, known, moves(state))

    def _outcome(self, root: Path) -> Outcome:
        """Dream over a root; if the daemon is dreaming over it right now, wait for that first."""
        interactive = not self.as_json and sys.stdin.isatty() and sys.stdout.isatty()
        confirm = self._confirm if interactive else None
        rested = self._rest_outcome(root)
        if rested is not None:
            return rested
        try:
            return self.kairos.dream(root, self.mode, confirm)
        except LockedError:
            from kairos.cli.waiting import wait_for_daemon

            if not wait_for_daemon(self.kairos.state_dir, root, self.relay):
                raise
            self.stages.stop()
            shows = configured("`kairos log` shows what it did")
            click.echo(f"kairos: kairosd has just dreamt over it: {shows}.", err=True)
            return self.kairos.dream(root, self.mode, confirm)

    def _rest_outcome(self, root: Path) -> Outcome | None:
        """Return the outcome that is kept for a root at rest; None if the root has to be dreamt over."""
        from kairos.dream.rest import Rests

        self.relay("read", 0, 1)
        outcome = Rests(self.config, os.environ, self.now).outcome(root, self.mode)
        self.relay("read", 1, 1)
        return outcome

    def _confirm(self, plan: Plan) -> bool:
        from kairos.report.dream import plan_report
        from kairos.report.sections import skipped_section

        self.stages.stop()
        self.shown = plan
        sheet = page()
        plan_report(sheet, plan, home=home(), budget=self.budget(plan))
        skipped_section(sheet, plan.skipped)
        sheet.gap()
        return click.confirm("Apply this?", err=True)

    def _report(self, outcome: Outcome) -> None:
        from kairos.report.consultation import consultation_section
        from kairos.report.dream import dream_report, ending
        from kairos.report.phrases import shell_path
        from kairos.report.sections import skipped_section
        from kairos.report.waiting import waiting_section

        sheet = page()
        if self.shown is not None and outcome.plan.changes == self.shown.changes:
            if outcome.plan.proposals != self.shown.proposals:
                waiting_section(sheet, outcome.plan.proposals, shell_path(outcome.plan.root, home()))
            consultation_section(sheet, outcome.consultation)
            skipped_section(sheet, [skip for skip in outcome.skipped if skip not in outcome.plan.skipped])
        else:
            dream_report(sheet, outcome, home=home(), budget=self.budget(outcome.plan))
        if self.mode == "preview":
            from kairos.report.diff import unified_diffs

            for number, (line, style) in enumerate(unified_diffs(outcome.before or {}, outcome.after or {})):
                if number == 0:
                    sheet.gap()
                sheet.verbatim(line, style)
        ending(sheet, outcome, home=home())


def exit_code(outcome: Outcome) -> ExitCode:
    """Return PARTIAL (3) if something was left alone or waits for a person, and OK otherwise.

    An open conflict alone does not count, because flagging it is all that was asked for. Neither does a dry run, nor
    a plan that the person at the terminal declined.
    """
    if outcome.status == "preview":
        return ExitCode.OK
    waits = outcome.status in {"reported", "partial"} or outcome.plan.proposals
    return ExitCode.PARTIAL if waits or outcome.skipped else ExitCode.OK

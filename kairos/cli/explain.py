"""`kairos explain`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import existing_config, open_state, read_config
from kairos.cli.lines import explanation_now
from kairos.cli.moments import shown
from kairos.cli.options import config_option, json_option
from kairos.cli.origins import origin_section, origin_value
from kairos.cli.roots import located
from kairos.cli.terminal import page, print_json
from kairos.cli.timeouts import with_timeout
from kairos.core.text.counts import count
from kairos.errors import SilenceError, UsageError
from kairos.model import Change, CreateFile, Role
from kairos.report.values import change_value, evidence_value, place_value, skip_value

if TYPE_CHECKING:
    from kairos.core.root.left_as_is import LeftAsIs
    from kairos.report.page import Page
    from kairos.store.provenance import Origin
    from kairos.store.records import Explanation, PastChange, Proposal
    from kairos.store.state import State


@click.command()
@click.argument("target", metavar="FILE[:LINE]")
@json_option
@config_option
def explain(target: str, *, as_json: bool, config_file: Path | None) -> None:
    """Explain why a note or a line is as it is.

    Says where the note comes from, what Kairos did to it, what the latest dream considered, and which links and dates
    dreams leave as they are. FILE may be gone already, and may be a path as shown in a report.
    """
    from kairos.store import provenance, queries

    file, line = _split(target)
    with open_state(existing_config(config_file)) as state:
        root, path = _find(file, line, state)
        text = None if line is None else _line_of(Path(root, path), line)
        found = queries.explain(state, root, path, line=line, text=text or "")
        if line is not None and text is None and found.is_empty:
            _refuse_line(Path(root, path), path, line)
        origin = provenance.origin(state, root, path)
    if origin is None and found.is_empty and not os.path.lexists(Path(root, path)):
        raise UsageError(f"There is no {path} in {root}, and no dream has seen one.", "Check the name.")
    found = explanation_now(root, found)
    left = _left_as_is(root, path, line, config_file)
    if as_json:
        print_json({**_value(root, path, found, origin), "left": [one._asdict() for one in left]})
        return
    from kairos.report.sections import skipped_section

    sheet = page()
    if origin is not None:
        origin_section(sheet, origin)
    of_file = [skip for skip in found.skipped if line is not None and skip.what == path]
    of_line = [skip for skip in found.skipped if skip not in of_file]
    spared = _spared(root, path, config_file) if found.is_empty else ""
    _print(sheet, target, root, replace(found, skipped=tuple(of_line)), spared)
    skipped_section(sheet, of_file, heading="About the whole file")
    _print_left(sheet, left)


def _split(target: str) -> tuple[str, int | None]:
    """Split `FILE:LINE`, unless a file with that whole name exists."""
    file, colon, line = target.rpartition(":")
    if not colon or not line.isdecimal() or Path(target).exists():
        return target, None
    return file, int(line)


def _find(file: str, line: int | None, state: State) -> tuple[str, str]:
    """Return (root, path) of a file given by its location, or by its path as reports show it; raises UsageError."""
    from kairos.store import queries

    roots = tuple(state.roots())
    if os.path.realpath(file) in roots:
        raise UsageError(f"{file} is a memory directory.", "Give a note in it: `kairos explain FILE`.")
    found = located(Path(file), roots)
    if found is not None:
        return found
    matches = []
    for root in roots if not Path(file).is_absolute() else ():
        explanation = queries.explain(state, root, file, line=line)
        if Path(root, file).exists() or not explanation.is_empty:
            matches.append(root)
    if len(matches) == 1:
        return matches[0], file
    if matches:
        raise UsageError(
            f"{file} is in more than one memory directory: {', '.join(matches)}.", "Give its full path."
        )
    raise UsageError(f"{file} is in no memory directory that Kairos knows.", "See `kairos status`.")


def _line_of(file: Path, line: int) -> str | None:
    """Return a line of a file as it is now; None if the file has no such line, or is gone."""
    if not file.is_file():
        return None
    with file.open("rb") as content:
        for number, data in enumerate(content, start=1):
            if number == line:
                return data.decode("utf-8", "surrogateescape")
    return None


def _refuse_line(file: Path, path: str, line: int) -> None:
    """Raise UsageError for a line that a file does not have; if the file is gone, it may have had it."""
    if file.is_file():
        with file.open("rb") as content:
            lines = sum(1 for _ in content)
        raise UsageError(f"{path} has {count(lines, 'line')}, so there is no line {line}.")


def _left_as_is(root: str, path: str, line: int | None, config_file: Path | None) -> list[LeftAsIs]:
    """Return what dreams leave as it is in a note, or in one line of it; nothing if the root does not answer."""
    from kairos.dream.left_as_is import left_in

    config = read_config(config_file)
    with suppress(SilenceError):
        found = with_timeout(root, lambda: left_in(Path(root), config, os.environ, path))
        return [one for one in found if line in (None, one.line)]
    return []


def _spared(root: str, path: str, config_file: Path | None) -> str:
    """Return why nothing can be done to a file, to follow "Nothing was done to it"; "" for no reason."""
    from kairos.dream.root_layout import layout_of

    config = read_config(config_file)
    with suppress(SilenceError):
        role = with_timeout(root, lambda: layout_of(Path(root), config, os.environ).role_of(path))
        return {None: ": dreams do not read it", Role.READ_ONLY: ": dreams read it, but never edit it"}.get(
            role, ""
        )
    return ""


def _print_left(sheet: Page, left: Sequence[LeftAsIs]) -> None:
    if left:
        sheet.heading("Seen and left as it is")
    for why in dict.fromkeys(one.why for one in left):
        sheet.line(f"{why}:", indent=2)
        for one in left:
            if one.why == why:
                sheet.line((f"{one.file}:{one.line}", "cyan"), f" {one.words}", indent=4)


def _print(sheet: Page, target: str, root: str, found: Explanation, spared: str) -> None:
    from kairos.report.considered import decision_block
    from kairos.report.sections import skipped_section

    if found.is_empty:
        why = spared or ", and nothing resembled it closely enough to be considered"
        sheet.line(f"Nothing was done to {target}{why}.")
    if found.changes:
        sheet.heading("What was done")
    for past in found.changes:
        _print_change(sheet, past)
    if found.before:
        sheet.heading("What was done to another line that had this number at the time")
    for past in found.before:
        _print_change(sheet, past)
    if found.decisions:
        sheet.heading("What the latest dream considered")
    for decision in found.decisions:
        decision_block(sheet, decision)
    _print_proposals(sheet, root, found.proposals)
    skipped_section(sheet, found.skipped)


def _print_change(sheet: Page, past: PastChange) -> None:
    from kairos.report.sections import change_block

    undone = " (undone since)" if past.undone else ""
    sheet.line((f"{shown(past.at)}, {past.change.kind.value}{undone}", "dim"), indent=2)
    change_block(sheet, past.change)


def _print_proposals(sheet: Page, root: str, proposals: Sequence[Proposal]) -> None:
    from kairos.report.sections import change_block
    from kairos.report.waiting import proposal_block
    from kairos.store.records import ProposalStatus

    waiting = [one.change for one in proposals if one.status is ProposalStatus.WAITING]
    if waiting:
        sheet.heading("Waiting for you")
    for change in waiting:
        proposal_block(sheet, change)
    rejected = [one.change for one in proposals if one.status is ProposalStatus.REJECTED]
    if rejected:
        sheet.heading("Rejected by you")
    for change in rejected:
        change_block(sheet, change)
        if _is_applicable(root, change):
            sheet.command("to approve it after all: ", f"kairos approve {change.key}", indent=4)


def _is_applicable(root: str, change: Change) -> bool:
    """Whether the file that a change is about is still there, or is one that the change creates."""
    file = change.subject.file
    creates_it = any(isinstance(edit, CreateFile) and edit.path == file for edit in change.edits)
    return creates_it or os.path.lexists(Path(root, file))


def _value(root: str, path: str, found: Explanation, origin: Origin | None) -> dict[str, Any]:
    return {
        "root": root,
        "file": path,
        "origin": origin and origin_value(origin),
        "changes": [_change_value(past) for past in found.changes],
        "before": [_change_value(past) for past in found.before],
        "decisions": [
            {
                "outcome": decision.outcome,
                "confidence": decision.confidence,
                "places": [place_value(place) for place in decision.places],
                "evidence": evidence_value(decision.evidence),
            }
            for decision in found.decisions
        ],
        "proposals": [
            {
                "since": proposal.since.isoformat(),
                "status": proposal.status.value,
                **change_value(proposal.change),
            }
            for proposal in found.proposals
        ],
        "skipped": [skip_value(skip) for skip in found.skipped],
    }


def _change_value(past: PastChange) -> dict[str, Any]:
    return {
        "transaction": past.transaction,
        "at": past.at.isoformat(),
        "undone": past.undone,
        **change_value(past.change),
    }

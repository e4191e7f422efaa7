"""`kairos check`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import home, open_state, read_config, state_directory
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import known_root
from kairos.cli.terminal import page, print_json
from kairos.core.text.counts import count
from kairos.errors import ExitCode, UsageError
from kairos.report.phrases import short_path

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.core.root.left_as_is import LeftAsIs
    from kairos.store.check import Chain, Flaw
    from kairos.store.state import State

_KAIROS = "Kairos' own state"
_LINK = re.compile(r"[0-9a-fA-F]{1,64}")
_NAMED = 5
"""How many notes are named in which something was left as it is."""


@click.command()
@root_argument
@click.option(
    "--expect", metavar="LINK", help="A link that was once the head of the chain, or a prefix of it."
)
@json_option
@config_option
def check(root: Path | None, *, expect: str | None, as_json: bool, config_file: Path | None) -> int:
    """Check the state, the journal, the originals and the index.

    Changes nothing. Says what is wrong, and how to repair it. The journal is a hash chain: keep its last link somewhere
    else, and `--expect` tells you later whether the history up to there is unchanged.
    """
    if expect is not None and not _LINK.fullmatch(expect):
        raise UsageError(
            f"{expect} cannot be a link of the chain: a link has up to 64 hexadecimal digits.",
            "`kairos check` prints the last one after “History”.",
        )
    config = read_config(config_file)
    flaws, chain = _examined(config, root, expect)
    serious = any(flaw.serious for found in flaws.values() for flaw in found)
    left = _left_as_is(config, [place for place in flaws if place != _KAIROS])
    if as_json:
        print_json(_value(flaws, chain, left, ok=not serious))
    else:
        _print(flaws, chain, left)
    if serious:
        return ExitCode.ERROR
    return ExitCode.PARTIAL if any(flaws.values()) else ExitCode.OK


def _examined(
    config: Config, root: Path | None, expect: str | None
) -> tuple[dict[str, list[Flaw]], Chain | None]:
    """Return the flaws of the state and of each root, and the chain if it can be read."""
    from kairos.store.check import (
        DIRECTORY,
        chain_of,
        database_flaws,
        file_flaws,
        noted_link_flaws,
        originals_without_journal,
    )
    from kairos.store.database import NAME

    directory = state_directory(config)
    if not (directory / NAME).exists():
        left = [*file_flaws(directory), *originals_without_journal(directory)] if directory.exists() else []
        return {_KAIROS: [*left, *(noted_link_flaws(expect) if expect else ())]}, None
    found = {_KAIROS: [*file_flaws(directory), *database_flaws(directory)]}
    if any(flaw.part in {DIRECTORY, "database"} for flaw in found[_KAIROS]):
        return found, None  # opening the state would fail, or move the database aside
    with open_state(config) as state:
        found[_KAIROS] += _state_flaws(state, directory, expect)
        roots = tuple(state.roots()) if root is None else (known_root(root, state),)
        chain = chain_of(state)
        for path in roots:
            found[path] = list(_root_flaws(path, config, state))
    return found, chain


def _state_flaws(state: State, directory: Path, expect: str | None) -> Iterator[Flaw]:
    from kairos.store.check import activity_flaws, chain_flaws, journal_flaws, record_flaws, unnamed_flaws
    from kairos.store.objects import Objects

    objects = Objects(directory / "objects")
    yield from chain_flaws(state, expect)
    yield from journal_flaws(state, objects)
    yield from unnamed_flaws(state, objects)
    yield from activity_flaws(state)
    yield from record_flaws(state)


def _root_flaws(root: str, config: Config, state: State) -> Iterator[Flaw]:
    from kairos.core.root.provenance import Provenance
    from kairos.dream.checkup import root_flaws
    from kairos.dream.history import history_of
    from kairos.dream.root_layout import layout_of

    layout = layout_of(Path(root), config, os.environ)
    conflicts = [record.conflict for record in state.conflicts(root)]
    return root_flaws(Path(root), layout, config, history_of(state, root, Provenance()), conflicts)


def _left_as_is(config: Config, roots: Iterable[str]) -> dict[str, tuple[LeftAsIs, ...]]:
    from kairos.dream.left_as_is import left_in

    return {root: left_in(Path(root), config, os.environ) for root in roots}


def _print(flaws: dict[str, list[Flaw]], chain: Chain | None, left: Mapping[str, Sequence[LeftAsIs]]) -> None:
    sheet = page()
    for place, found in flaws.items():
        sheet.gap()
        words = count(len(found), "flaw") if found else "all is well"
        sheet.line((short_path(place, home()), "bold"), f": {words}")
        for flaw in found:
            sheet.line(f"{flaw.part}: ", (flaw.what, "red" if flaw.serious else "yellow"), indent=2)
            sheet.line((sheet.advice(flaw.mend), "dim"), indent=4)
        if words := _left_words(left.get(place, ())):
            sheet.line((sheet.advice(words), "dim"), indent=2)
    if chain is not None:
        sheet.gap()
        sheet.line(f"History: {count(chain.links, 'link')}, the last is {chain.head}")


def _left_words(left: Sequence[LeftAsIs]) -> str:
    """Return one sentence on what dreams leave as it is, which is no flaw; "" if there is nothing."""
    numbers = Counter(one.kind for one in left)
    seen = [
        count(numbers["link"], "broken link") if numbers["link"] else "",
        count(numbers["date"], "relative date") if numbers["date"] else "",
    ]
    if not left:
        return ""
    notes = list(dict.fromkeys(one.file for one in left))
    more = f" and {len(notes) - _NAMED:,} more" if len(notes) > _NAMED else ""
    named = f"{', '.join(notes[:_NAMED])}{more}"
    return f"left as it is: {' and '.join(filter(None, seen))} in {named}; `kairos explain NOTE` lists them"


def _value(
    flaws: dict[str, list[Flaw]],
    chain: Chain | None,
    left: Mapping[str, Sequence[LeftAsIs]],
    *,
    ok: bool,
) -> dict[str, object]:
    own = flaws.pop(_KAIROS)
    return {
        "ok": ok,
        "state": [asdict(flaw) for flaw in own],
        "roots": [
            {
                "root": root,
                "flaws": [asdict(flaw) for flaw in found],
                "left": [one._asdict() for one in left[root]],
            }
            for root, found in flaws.items()
        ],
        "history": None if chain is None else {"links": chain.links, "head": chain.head},
    }

"""`kairos judge`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from kairos.cli.access import open_kairos, read_config
from kairos.cli.options import config_option
from kairos.cli.terminal import print_json
from kairos.errors import UsageError
from kairos.report.escape import visible
from kairos.report.values import evidence_value

if TYPE_CHECKING:
    from kairos.dream import PairRow
    from kairos.dream.counsel import Counsel
    from kairos.model import Judgement

_TEXTS = ("a", "b")
_DATES = ("a_date", "b_date")


@click.command()
@click.argument("pairs", metavar="PAIRS.jsonl", type=click.File("rb"))
@click.option(
    "--json", is_flag=True, expose_value=False, help="Accepted as everywhere; the output is always JSON."
)
@config_option
def judge(pairs: IO[bytes], config_file: Path | None) -> None:
    """Judge pairs of notes.

    Prints one line of JSON for each: how they relate, and why. Each line of PAIRS.jsonl (`-` for stdin) is an object
    like {"id": 1, "a": "a text", "b": "another"}, where "id" is a string or an integer. The dates of both sides, if
    known, are "a_date" and "b_date".
    """
    rows = read_rows(pairs)
    kairos = open_kairos(read_config(config_file))
    counsel = kairos.counsel()
    for row, pair in zip(rows, kairos.judge(rows, counsel), strict=True):
        print_json(_value(row.id, pair.judgement), indent=None)
    if counsel is not None:
        _print_consultation(counsel)


def _print_consultation(counsel: Counsel) -> None:
    """Say on stderr how the language model was used, and what it could not do."""
    from kairos.report.consultation import consultation_sentences

    skips = (f"{skip.what}: {skip.why} {skip.advice}".rstrip() for skip in counsel.skips())
    for line in (*consultation_sentences(counsel.consultation()), *skips, *counsel.notices()):
        click.echo(f"kairos: {visible(line)}", err=True)


def read_rows(lines: Iterable[bytes]) -> list[PairRow]:
    """Read pairs from JSON lines; raises UsageError naming the first bad line."""
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                rows.append(_row(line))
            except (ValueError, RecursionError) as error:
                raise UsageError(f"Line {number}: {error}.", "Nothing was judged.") from None
    return rows


def _row(line: bytes) -> PairRow:
    from kairos.dream import PairRow

    value = _parsed(line)
    name = value.get("id")
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise ValueError('expected "id" to be a string or an integer')  # noqa: TRY004 - the file's fault
    for side in _TEXTS:
        if not isinstance(value.get(side), str):
            raise ValueError(f'expected "{side}" to be a string')  # noqa: TRY004 - the file's fault
    return PairRow(name, *(value[side] for side in _TEXTS), *(_day(value, day) for day in _DATES))


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("expected UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON ({error.msg}, column {error.colno})") from None
    if not isinstance(value, dict):
        raise ValueError('expected an object like {"id": "1", "a": "…", "b": "…"}')  # noqa: TRY004 - the file's fault
    return value


def _day(value: dict[str, Any], name: str) -> date | None:
    day = value.get(name)
    if day is None:
        return None
    try:
        return date.fromisoformat(day[:10] if isinstance(day, str) else "")
    except ValueError:
        raise ValueError(f'expected "{name}" to be a date like 2026-11-24') from None


def _value(name: str | int, judgement: Judgement) -> dict[str, Any]:
    return {
        "id": name,
        "relation": judgement.relation.value,
        "action": judgement.action.value,
        "newer": judgement.newer,
        "confidence": judgement.confidence,
        "evidence": evidence_value(judgement.evidence),
    }

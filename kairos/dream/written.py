"""Facts and verdicts as JSON and back: reading makes values of the model whatever stands in a file, and runs nothing.

A value is the list of its fields. Only fields that JSON does not have need a form, so a field that is added to the
model comes along. Made for tens of thousands of values: `kairos.store.codec`, which names every field, is made for few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from kairos.core.facts import FileFacts
from kairos.core.links import Link, LinkForm
from kairos.core.pair_context import PairContext
from kairos.model import (
    Action,
    Claim,
    Dated,
    Entry,
    EntryKind,
    Evidence,
    Finding,
    FrontMatter,
    Judgement,
    Note,
    Part,
    Relation,
    Role,
    Source,
    Span,
    Splice,
)

_DEEPEST = 16
"""Levels of front matter that are kept; who nests deeper is parsed anew."""
_LARGEST = 2**63


class Form(NamedTuple):
    """How a value becomes JSON, and how it comes back."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as(made: Callable[[Any], Any]) -> Form:
    """What JSON has, in another type."""
    return Form(lambda value: value, made)


def _many(form: Form) -> Form:
    write, read = form
    return Form(
        lambda values: [write(one) for one in values], lambda rows: tuple([read(one) for one in rows])
    )


def _maybe(form: Form) -> Form:
    write, read = form
    return Form(
        lambda value: None if value is None else write(value), lambda row: None if row is None else read(row)
    )


def _fields(made: Any, /, **forms: Form) -> Form:  # noqa: ANN401 - a dataclass
    """The fields of a value in their order; those without a form are as JSON has them."""
    names = [one.name for one in fields(made)]
    values, odd = attrgetter(*names), [(names.index(name), *form) for name, form in forms.items()]

    def write(value: object) -> list[Any]:
        row = list(values(value))
        for at, put, _ in odd:
            row[at] = put(row[at])
        return row

    def read(row: list[Any]) -> object:
        for at, _, get in odd:
            row[at] = get(row[at])
        return made(*row)

    return Form(write, read)


def _write_plain(value: Any, deep: int = 0) -> Any:  # noqa: ANN401 - what YAML gives
    """Return a value of front matter; ValueError for what YAML has and JSON does not."""
    if type(value) in {str, bool, float, type(None)} or (type(value) is int and abs(value) < _LARGEST):
        return value
    if deep < _DEEPEST:
        if type(value) is list:
            return [_write_plain(one, deep + 1) for one in value]
        if type(value) is dict and all(type(key) is str for key in value):
            return {"": {key: _write_plain(one, deep + 1) for key, one in value.items()}}
        if type(value) in {date, datetime}:
            return {type(value).__name__: value.isoformat()}
    raise ValueError(f"{type(value)} is not kept")


def _read_plain(value: Any) -> Any:  # noqa: ANN401 - as above
    if type(value) is list:
        return [_read_plain(one) for one in value]
    if type(value) is not dict:
        return value
    ((kind, content),) = value.items()
    if kind:
        return _DAYS[kind].fromisoformat(content)
    return {key: _read_plain(one) for key, one in content.items()}


_DAYS = {"date": date, "datetime": datetime}
_LIST = _as(tuple)
_SPAN = Form(list, lambda row: Span(*row))
_DAY = _maybe(Form(date.isoformat, date.fromisoformat))
_DATED = _maybe(_fields(Dated, day=Form(date.isoformat, date.fromisoformat)))
_EVIDENCE = _many(_fields(Evidence))
_BYTES = Form(lambda data: data.decode("latin-1"), lambda text: text.encode("latin-1"))
_PART = _fields(Part, span=_SPAN)
_ENTRY = _fields(Entry, span=_SPAN, kind=_as(EntryKind), parts=_many(_PART), headings=_LIST, dated=_DATED)
_FRONT = _fields(FrontMatter, span=_SPAN, fields=Form(_write_plain, _read_plain))
_NOTE = _fields(
    Note, role=_as(Role), entries=_many(_ENTRY), body=_SPAN, front=_maybe(_FRONT), dated=_DATED, expires=_DAY
)
_LINK = _fields(Link, form=_as(LinkForm), span=_SPAN, target_span=_SPAN)
_SPLICE = _fields(Splice, span=_SPAN, text=_BYTES)
_DATING = Form(
    lambda pair: (_SPLICE.write(pair[0]), _EVIDENCE.write(pair[1:])),
    lambda row: (_SPLICE.read(row[0]), *_EVIDENCE.read(row[1])),
)
_DATINGS = Form(
    lambda found: {id_: _many(_DATING).write(edits) for id_, edits in found.items()},
    lambda found: {id_: _many(_DATING).read(edits) for id_, edits in found.items()},
)
_FINDINGS = _many(_fields(Finding, evidence=_EVIDENCE))
_STALE = _maybe(
    Form(
        lambda known: (_DAY.write(known[0]), _FINDINGS.write(known[1])),
        lambda row: (_DAY.read(row[0]), _FINDINGS.read(row[1])),
    )
)
_STATE = {
    "source": _fields(Source, data=_BYTES, role=_as(Role)),
    "note": _NOTE,
    "links": _many(_LINK),
    "claims": _many(_fields(Claim)),
    "credentials": _LIST,  # empty: see `can_last`
    "datings": _DATINGS,
    "_stale": _STALE,
    "_names_days": _as(bool),
}


def _write_facts(facts: FileFacts) -> dict[str, Any]:
    return {name: _STATE[name].write(value) for name, value in facts.__getstate__().items()}


def _read_facts(row: dict[str, Any]) -> FileFacts:
    made = FileFacts.__new__(FileFacts)
    vars(made).update({name: _STATE[name].read(value) for name, value in row.items()})
    return made


def can_last(facts: FileFacts) -> bool:
    """Whether facts may be written and can be: no credential is in them, and nothing that JSON does not have."""
    try:
        _maybe(_FRONT).write(facts.note.front)
    except ValueError:
        return False
    return not facts.credentials


FACTS = Form(_write_facts, _read_facts)
"""The facts of a file, if they can last."""
CONTEXT = _fields(PairContext)
JUDGEMENT = _fields(
    Judgement, relation=_as(Relation), action=_as(Action), evidence=_EVIDENCE, clash=_maybe(_LIST)
)
"""A verdict on a pair."""

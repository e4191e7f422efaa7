"""Credentials in the notes of a root: reported by place and kind, and redacted in all that Kairos shows or keeps.

The original bytes stay in the journal, which undo needs; no change, proposal, conflict or decision repeats them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from kairos.core.root.credentials import KEY_BLOCK, credentials, mark
from kairos.core.root.figures import Exposure
from kairos.core.root.reading import Reading
from kairos.model import Change, Conflict, Considered, Evidence, Place, Plan, Skip, Witness

_SHORTEST = 6
"""Shorter values occur in too many innocent words to be redacted everywhere."""
_SOME_KIND = "credential"
"""Shown if only the pattern recognises the spelling of a value: it ignores case more freely, and reads `ı` as `i`."""


@dataclass(frozen=True)
class Redactor:
    """Redacts credentials wherever they occur, whatever their case; `values` maps each to its kind."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Redactor:
        """Return the redactor for all credentials in some texts."""
        found = ((text[slice(*one.span)], one.kind) for text in texts for one in credentials(text))
        forms = ((form, kind) for value, kind in found for form in _forms(value))
        return cls({form: kind for form, kind in forms if len(form) >= _SHORTEST})

    def text(self, text: str) -> str:
        """Return a text without the credentials."""
        return self._form.sub(lambda match: mark(self._kind(match.group())), text) if self.values else text

    def plan(self, plan: Plan) -> Plan:
        """Return a plan to be shown or kept; its edits still hold the original bytes."""
        if not self.values:
            return plan
        return replace(
            plan,
            changes=tuple(map(self.change, plan.changes)),
            proposals=tuple(map(self.change, plan.proposals)),
            conflicts=tuple(map(self.conflict, plan.conflicts)),
            skipped=tuple(map(self.skip, plan.skipped)),
        )

    def change(self, change: Change) -> Change:
        """Return a change to be shown or kept."""
        if not self.values:
            return change
        return replace(
            change,
            reason=self.text(change.reason),
            subject=self._place(change.subject),
            evidence=self._evidence(change.evidence),
            witness=self._witness(change.witness) if change.witness else None,
        )

    def conflict(self, conflict: Conflict) -> Conflict:
        """Return a conflict to be shown or kept."""
        a, b = self._place(conflict.a), self._place(conflict.b)
        return replace(conflict, a=a, b=b, reason=self.text(conflict.reason))

    def considered(self, found: Considered) -> Considered:
        """Return the outcomes of judged pairs, to be kept."""
        if not self.values:
            return found
        places = tuple((file, line, self.text(text)) for file, line, text in found.places)
        rows = tuple(
            (numbers, outcome, self._evidence(evidence), sure)
            for numbers, outcome, evidence, sure in found.rows
        )
        return Considered(places, rows)

    def skip(self, skip: Skip) -> Skip:
        """Return a skip to be shown or kept."""
        return replace(skip, reason=self.text(skip.reason), text=self.text(skip.text))

    @cached_property
    def _form(self) -> re.Pattern[str]:
        longest_first = sorted(self.values, key=lambda value: (-len(value), value))
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        """The kinds by the case-folded values."""
        return {value.casefold(): kind for value, kind in self.values.items()}

    def _kind(self, found: str) -> str:
        return self.values.get(found) or self._kinds.get(found.casefold(), _SOME_KIND)

    def _place(self, place: Place) -> Place:
        return replace(place, text=self.text(place.text))

    def _evidence(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        return tuple(replace(item, text=self.text(item.text)) for item in evidence)

    def _witness(self, witness: Witness) -> Witness:
        covers = tuple((self.text(claim), self.text(by)) for claim, by in witness.covers)
        return replace(witness, place=self._place(witness.place), covers=covers)


def _forms(value: str) -> Iterator[str]:
    """Yield a credential as evidence may quote it: verbatim or normalised, with or without the marks at its end."""
    normal = unicodedata.normalize("NFKC", value)
    for form in (value, normal, normal.casefold()):
        yield from (form, form.rstrip("!?"))


@dataclass(frozen=True, slots=True)
class Exposed:
    """The credentials found in a root, and what keeps them out of all that Kairos says."""

    exposures: tuple[Exposure, ...] = ()
    redactor: Redactor = field(default_factory=Redactor)


def exposed(reading: Reading) -> Exposed:
    """Find the credentials in all that was read, each line once per kind."""
    found: dict[Exposure, None] = {}
    texts = []
    for path, facts in reading.facts.items():
        if not facts.credentials:
            continue
        text = reading.sources[path].data.decode("utf-8", "replace")
        texts.append(text)
        for one in facts.credentials:
            line = text.count("\n", 0, one.span.start) + 1
            found.setdefault(Exposure(path, line, one.kind))
    return Exposed(_first_lines(found), Redactor.of(texts))


def _first_lines(found: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """Keep one line of each private key, which spans many."""
    kept: list[Exposure] = []
    last: Exposure | None = None
    for one in found:
        goes_on = last and (one.file, one.kind, one.line) == (last.file, last.kind, last.line + 1)
        if not goes_on or one.kind != KEY_BLOCK:
            kept.append(one)
        last = one
    return tuple(kept)

"""Where entries that a dream quoted stand now: their notes may have been edited since, first of all by that dream."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from kairos.core.root.credentials import mark
from kairos.errors import KairosError
from kairos.model import Change, Conflict, Decision, Place, Skip
from kairos.store.text_lines import stripped_lines
from kairos.store.tree import Tree

_HIDDEN = re.compile(r"\[[\w -]+: not shown\]")
"""What `mark` writes instead of a credential."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of the notes of a root; each file is read once."""

    root: Path
    _files: dict[tuple[str, bool], _File] = field(default_factory=dict)

    def places(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Return places with the current numbers of their first lines.

        They stay as they are if two of them would become one: then one of two equal entries is gone.
        """
        now = tuple(map(self._place, places))
        return now if len(_positions(now)) == len(_positions(places)) else places

    def _place(self, place: Place) -> Place:
        """Return a place as it stands now, or as it is if its text is no longer there.

        Of several equal texts, it is the one nearest to where the place was.
        """
        wanted = stripped_lines(place.text.rstrip())
        if not place.line or not place.text.strip():
            return place
        hides = _HIDDEN.search(place.text) is not None
        file = self._file(place.file, hides=hides)
        if hides:
            wanted = list(map(_without_kinds, wanted))
        begins = file.begins.get(wanted[0], [])
        found = [number for number in begins if file.texts[number - 1 : number - 1 + len(wanted)] == wanted]
        if not found:
            return place
        return replace(place, line=min(found, key=lambda number: abs(number - place.line)))

    def change(self, change: Change) -> Change:
        """Return a change that waits with current line numbers, also where its words name them."""
        places = (change.subject, *((change.witness.place,) if change.witness else ()))
        subject, *others = now = self.places(places)
        words = _Renumbering(places, now)
        witness = replace(change.witness, place=others[0]) if change.witness else None
        evidence = tuple(replace(item, text=words(item.text)) for item in change.evidence)
        return replace(
            change, subject=subject, reason=words(change.reason), evidence=evidence, witness=witness
        )

    def conflict(self, conflict: Conflict) -> Conflict:
        """Return a conflict with current line numbers."""
        a, b = self.places((conflict.a, conflict.b))
        return replace(conflict, a=a, b=b)

    def decision(self, decision: Decision) -> Decision:
        """Return what became of a pair with current line numbers, also where its words name them."""
        places = self.places(decision.places)
        words = _Renumbering(decision.places, places)
        evidence = tuple(replace(item, text=words(item.text)) for item in decision.evidence)
        return replace(decision, places=places, outcome=words(decision.outcome), evidence=evidence)

    def skip(self, skip: Skip) -> Skip:
        """Return what was left alone with its current line number, if it is about a line."""
        file, _, line = skip.what.rpartition(":")
        if not (file and line.isdecimal()):
            return skip
        now = self._place(Place(file, int(line), skip.text))
        return replace(skip, what=now.reference)

    def _file(self, path: str, *, hides: bool) -> _File:
        """The lines of a file; none if it is no longer a file.

        The state keeps only the kind of a credential, so a text that `hides` one is looked for in a file that is
        redacted in the same way.
        """
        if (path, hides) not in self._files:
            texts = stripped_lines(_redacted(self._read(path)) if hides else self._read(path))
            begins: dict[str, list[int]] = {}
            for number, text in enumerate(texts, start=1):
                begins.setdefault(text, []).append(number)
            self._files[path, hides] = _File(texts, begins)
        return self._files[path, hides]

    def _read(self, path: str) -> str:
        try:
            with closing(Tree(self.root)) as tree:
                return tree.read(path).data.decode("utf-8", "surrogateescape")
        except KairosError:
            return ""


class _File(NamedTuple):
    """The lines of a file, and the line numbers of each text."""

    texts: list[str]
    begins: dict[str, list[int]]


def _redacted(text: str) -> str:
    from kairos.core.root.exposure import Redactor  # noqa: PLC0415 - few texts have a credential

    return _without_kinds(Redactor.of((text,)).text(text))


def _without_kinds(text: str) -> str:
    """Remove the kinds of the credentials hidden in a text: they may have been inferred from other notes."""
    return _HIDDEN.sub(mark(""), text)


def _positions(places: tuple[Place, ...]) -> set[tuple[str, int]]:
    return {(place.file, place.line) for place in places}


class _Renumbering:
    """Rewrites the places that words name with current line numbers."""

    def __init__(self, before: tuple[Place, ...], now: tuple[Place, ...]) -> None:
        pairs = zip(before, now, strict=True)
        self._now = {old.reference: new.reference for old, new in pairs if old.line not in {0, new.line}}
        self._form = re.compile(f"({'|'.join(map(re.escape, self._now))})(?!\\d)")

    def __call__(self, text: str) -> str:
        return self._form.sub(lambda match: self._now[match[0]], text) if self._now else text

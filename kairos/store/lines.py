"""Where entries stand now that a dream quoted: since then it edited their notes itself, and so did others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from kairos.model import Change, Conflict, Decision, Place


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of the notes of a root, each read once."""

    root: Path
    _files: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict)

    def places(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Return places with the numbers that their first lines have now; as they are where they would be one by that:
        one of two equal entries went."""
        now = tuple(map(self._place, places))
        return now if len(_lines(now)) == len(_lines(places)) else places

    def _place(self, place: Place) -> Place:
        """Return a place as it stands now; as it is where its text is not there any more. Of equal texts it is the one
        that is nearest to where it stood."""
        wanted = _stripped(place.text.rstrip())
        if not place.line or not place.text.strip():
            return place
        begins = self._begins(place.file).get(wanted[0], [])
        texts = self._texts[place.file]
        found = [number for number in begins if texts[number - 1 : number - 1 + len(wanted)] == wanted]
        if not found:
            return place
        return replace(place, line=min(found, key=lambda number: abs(number - place.line)))

    def change(self, change: Change) -> Change:
        """Return a change that waits, with the lines of now, also where its words name them."""
        places = (change.subject, *((change.witness.place,) if change.witness else ()))
        subject, *others = now = self.places(places)
        words = _Renumbering(places, now)
        witness = replace(change.witness, place=others[0]) if change.witness else None
        evidence = tuple(replace(item, text=words(item.text)) for item in change.evidence)
        return replace(
            change, subject=subject, reason=words(change.reason), evidence=evidence, witness=witness
        )

    def conflict(self, conflict: Conflict) -> Conflict:
        """Return a conflict with the lines of now."""
        a, b = self.places((conflict.a, conflict.b))
        return replace(conflict, a=a, b=b)

    def decision(self, decision: Decision) -> Decision:
        """Return what became of a pair, with the lines of now, also where its words name them."""
        places = self.places(decision.places)
        words = _Renumbering(decision.places, places)
        evidence = tuple(replace(item, text=words(item.text)) for item in decision.evidence)
        return replace(decision, places=places, outcome=words(decision.outcome), evidence=evidence)

    def _begins(self, file: str) -> dict[str, list[int]]:
        """Return the numbers of the lines of a file by what they say; none where it is no file any more."""
        if file not in self._files:
            path = Path(self.root, file)
            try:
                data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            except OSError:
                data = b""
            numbers: dict[str, list[int]] = {}
            self._texts[file] = _stripped(data.decode("utf-8", "surrogateescape"))
            for number, text in enumerate(self._texts[file], start=1):
                numbers.setdefault(text, []).append(number)
            self._files[file] = numbers
        return self._files[file]


def _lines(places: tuple[Place, ...]) -> set[tuple[str, int]]:
    return {(place.file, place.line) for place in places}


def _stripped(text: str) -> list[str]:
    """Return the lines of a text, as an editor counts them, without what stands around their words."""
    return [line.strip() for line in text.split("\n")]


class _Renumbering:
    """Writes the places that words name with the lines of now."""

    def __init__(self, before: tuple[Place, ...], now: tuple[Place, ...]) -> None:
        pairs = zip(before, now, strict=True)
        self._now = {_named(old): _named(new) for old, new in pairs if old.line != new.line}
        self._form = re.compile(f"({'|'.join(map(re.escape, self._now))})(?!\\d)")

    def __call__(self, text: str) -> str:
        return self._form.sub(lambda match: self._now[match[0]], text) if self._now else text


def _named(place: Place) -> str:
    return f"{place.file}:{place.line}"

"""The words of the notes of a root. A plan hardly changes them, so they are updated rather than collected again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter

from kairos.core.root.facts import FileFacts
from kairos.core.root.pointers import POINTING_ROLES
from kairos.core.root.purpose import JUDGED_ROLES
from kairos.core.root.reading import Reading, changed_files
from kairos.core.text.wording import Wording

_ROLES = JUDGED_ROLES - POINTING_ROLES


def vocabulary(kind: str) -> Callable[[Reading], frozenset[str]]:
    """Return a function that finds the words of one `kind`, a field of `Wording`, in all notes of a reading."""
    field_of = attrgetter(kind)

    def words_of(wordings: Iterable[Wording]) -> frozenset[str]:
        return frozenset(" ".join(map(field_of, wordings)).split())

    def words(reading: Reading) -> frozenset[str]:
        before = reading.before
        if before is None:
            return words_of(reading.derived(_wordings))
        known = before.derived(words)
        gone, come = (words_of(_wordings_of(files)) for files in changed_files(reading))
        lost = set(gone - come)
        for text in map(field_of, reading.derived(_wordings)) if lost else ():
            lost.difference_update(text.split())
            if not lost:  # soon, since most words stand in many notes
                break
        return known if come <= known and not lost else known - lost | come

    return words


def _wordings(reading: Reading) -> tuple[Wording, ...]:
    return tuple(_wordings_of(reading.facts.values()))


def _wordings_of(files: Iterable[FileFacts]) -> Iterator[Wording]:
    return (facts.wording for facts in files if facts.note.role in _ROLES)

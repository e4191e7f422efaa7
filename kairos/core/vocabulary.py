"""The words of the notes of a root: after a plan they are nearly always what they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter

from kairos.core.bearing import JUDGED_ROLES
from kairos.core.facts import FileFacts
from kairos.core.pointers import POINTING_ROLES
from kairos.core.reading import Reading, anew

_ROLES = JUDGED_ROLES - POINTING_ROLES


def vocabulary(kind: str) -> Callable[[Reading], frozenset[str]]:
    """Return what finds the words of all notes of a reading that are of one `kind`, a field of their wordings."""
    told = attrgetter(f"wording.{kind}")

    def texts(files: Iterable[FileFacts]) -> Iterator[str]:
        return (told(facts) for facts in files if facts.note.role in _ROLES)

    def words(reading: Reading) -> frozenset[str]:
        before = reading.before
        if before is None:
            return frozenset(" ".join(texts(reading.facts.values())).split())
        known, paths = before.once(words), reading.once(anew)
        gone, come = (
            frozenset(" ".join(texts(one.facts[path] for path in paths if path in one.facts)).split())
            for one in (before, reading)
        )
        lost = set(gone - come)
        for text in texts(reading.facts.values()):
            if not lost:  # most of them stand in many notes
                break
            lost.difference_update(text.split())
        return known if come <= known and not lost else known - lost | come

    return words

"""A broken invariant."""

from __future__ import annotations

from dataclasses import dataclass

from kairos.model import Change


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant, as a sentence for people, with what tells which changes are to blame.

    `place` is the file and line of the entry that it is about, if it is about one, and `files` are the paths of the
    files; without either, the plan as a whole is to blame.
    """

    sentence: str
    files: tuple[str, ...] = ()
    place: tuple[str, int] | None = None

    @classmethod
    def by(cls, change: Change, sentence: str) -> Violation:
        """Return what breaks an invariant because of one change."""
        return cls.at(change.subject.file, change.subject.line, sentence)

    @classmethod
    def at(cls, path: str, line: int, sentence: str) -> Violation:
        """Return what breaks an invariant at an entry."""
        return cls(sentence, (path,), (path, line))

"""A question to a language model: how two notes relate."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from kairos.model import Statement

LONGEST = 6_000
"""Characters of one side, with its context. Longer pairs are not asked: cut short, they could hide what differs."""


@dataclass(frozen=True)
class Question:
    """A pair in the order in which it is put."""

    a: Statement
    b: Statement

    @cached_property
    def key(self) -> str:
        """A hash of all that is sent, in this order: the exchanged question has another one."""
        sides = [[side.text, side.context, _day(side)] for side in (self.a, self.b)]
        return hashlib.sha256(json.dumps(sides).encode()).hexdigest()

    @property
    def id(self) -> str:
        """What the model has to call the pair in its answer."""
        return self.key[:12]

    @property
    def is_too_long(self) -> bool:
        """Whether a side is longer than what is asked about."""
        return any(len(side.text) + len(side.context) > LONGEST for side in (self.a, self.b))

    def exchanged(self) -> Question:
        """Return the same question with the sides exchanged."""
        return Question(self.b, self.a)

    def data(self) -> dict[str, object]:
        """Return what the model sees of the pair."""
        return {"id": self.id, "a": _side(self.a), "b": _side(self.b)}


def _side(statement: Statement) -> dict[str, str]:
    parts = {"text": statement.text, "context": statement.context, "day": _day(statement)}
    return {name: value for name, value in parts.items() if value}


def _day(statement: Statement) -> str:
    return statement.day.isoformat() if statement.day else ""

"""A question to a language model: how two notes relate."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from kairos.model import Statement

LONGEST = 6_000
"""Most characters of one side, its context included. Longer pairs are not sent: truncated, they could hide what differs
between the sides."""


@dataclass(frozen=True)
class Question:
    """A pair of notes, in the order in which it is sent."""

    a: Statement
    b: Statement

    @cached_property
    def key(self) -> str:
        """A hash of everything that is sent, in this order: the exchanged question has another key."""
        sides = [[side.text, side.context, _day(side)] for side in (self.a, self.b)]
        return hashlib.sha256(json.dumps(sides).encode()).hexdigest()

    @property
    def id(self) -> str:
        """The name by which the model's answer refers to the pair."""
        return self.key[:12]

    @property
    def is_too_long(self) -> bool:
        """Whether a side is longer than `LONGEST`."""
        return any(len(side.text) + len(side.context) > LONGEST for side in (self.a, self.b))

    def mirrored(self) -> Question:
        """Return the same question with the sides exchanged."""
        return Question(self.b, self.a)

    def data(self) -> dict[str, object]:
        """Return the pair as it is sent to the model."""
        return {"id": self.id, "a": _side(self.a), "b": _side(self.b)}


def _side(statement: Statement) -> dict[str, str]:
    parts = {"text": statement.text, "context": statement.context, "day": _day(statement)}
    return {name: value for name, value in parts.items() if value}


def _day(statement: Statement) -> str:
    return statement.day.isoformat() if statement.day else ""

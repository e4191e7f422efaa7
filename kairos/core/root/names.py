"""Which words of a root are names. Answers are recorded, so that one can tell when results based on them still hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

Answers = Mapping[tuple[bool, str], bool]
"""Answers by (question, word): whether the word is a name (True), or may be one (False)."""


class Names(Protocol):
    """What the words of a root reveal about its names."""

    def is_name(self, word: str) -> bool:
        """Whether a word is known to be a name."""

    def may_be_name(self, word: str) -> bool:
        """Whether nothing shows that a word is a topic."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Passes questions on to `names` and records the answers."""

    names: Names
    answers: dict[tuple[bool, str], bool] = field(default_factory=dict)

    def is_name(self, word: str) -> bool:
        """Whether a word is known to be a name."""
        answer = self.answers[True, word] = self.names.is_name(word)
        return answer

    def may_be_name(self, word: str) -> bool:
        """Whether nothing shows that a word is a topic."""
        answer = self.answers[False, word] = self.names.may_be_name(word)
        return answer


def still_hold(answers: Answers, names: Names) -> bool:
    """Whether `names` still gives all these answers."""
    return all(
        (names.is_name if known else names.may_be_name)(word) == answer
        for (known, word), answer in answers.items()
    )

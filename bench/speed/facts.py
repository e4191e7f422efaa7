"""Random facts composed from the vocabulary with a seed, each in several wordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from bench.speed.vocabulary import (
    COMPONENTS,
    ENVIRONMENTS,
    FORMATS,
    FRAMES,
    PEOPLE,
    REMARKS,
    SYLLABLES,
    TEAMS,
    THINGS,
    TOOLS,
    UNITS,
    VERBS,
)

_FEWEST_WORDS = 8
_MOST_WORDS = 40
_MORE_REMARKS = (0, 0, 1, 1, 2)
_CLASHING = ("port", "value", "day", "version", "host")


@dataclass(frozen=True, slots=True)
class Topic:
    """What one note is about: a project, and the few parts and things that its entries mention."""

    name: str
    parts: tuple[str, ...]
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: the index of its frame, the words that fill it, and accompanying remarks as finished sentences."""

    frame: int
    words: Mapping[str, str]
    remarks: tuple[str, ...]

    def text(self, wording: int = 0) -> str:
        """Return the fact in one of its three wordings, with its remarks."""
        return _cut(". ".join((self._said(wording), *self.remarks)) + ".")

    def core(self) -> str:
        """Return the fact without its remarks."""
        return _cut(self._said(0) + ".")

    def clashing(self, rng: Random) -> Fact | None:
        """Return the same fact with one value replaced; None if it has none, or the new one happens to be equal."""
        ours = [key for key in _CLASHING if "{" + key + "}" in FRAMES[self.frame][0]]
        if not ours:
            return None
        key = rng.choice(ours)
        other = _values(rng)[key]
        return None if other == self.words[key] else replace(self, words={**self.words, key: other})

    def _said(self, wording: int) -> str:
        said = FRAMES[self.frame][wording].format_map(self.words)
        return said[0].upper() + said[1:]


def topic(rng: Random) -> Topic:
    """Return a new topic."""
    return Topic(project(rng), tuple(rng.sample(COMPONENTS, 3)), tuple(rng.sample(THINGS, 4)))


def project(rng: Random) -> str:
    """Return a made-up project name."""
    return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 3))).capitalize()


def fact(rng: Random, about: Topic) -> Fact:
    """Return a new random fact about a topic; its text has 8 to 40 words."""
    verb, _, doing = rng.choice(VERBS).partition(":")
    words = _values(rng) | {
        "name": about.name,
        "part": rng.choice(about.parts),
        "things": rng.choice(about.things),
        "does": verb,
        "doing": doing,
    }
    remarks: list[str] = []
    for remark in rng.sample(REMARKS, rng.choice(_MORE_REMARKS)):
        filled = remark.format_map(
            words | {"things": rng.choice(about.things), "part": rng.choice(about.parts)}
        )
        remarks.append(filled[0].upper() + filled[1:])
    return Fact(rng.randrange(len(FRAMES)), words, tuple(remarks))


def day(rng: Random, *, year: int = 2026) -> str:
    """Return a random day of a year, from January to October, as YYYY-MM-DD."""
    return f"{year}-{rng.randint(1, 10):02}-{rng.randint(1, 28):02}"


def _values(rng: Random) -> dict[str, str]:
    place = rng.choice(SYLLABLES) + rng.choice(SYLLABLES)
    return {
        "person": rng.choice(PEOPLE),
        "person2": rng.choice(PEOPLE),
        "team": rng.choice(TEAMS),
        "tool": rng.choice(TOOLS),
        "env": rng.choice(ENVIRONMENTS),
        "format": rng.choice(FORMATS),
        "unit": rng.choice(UNITS),
        "value": str(rng.randint(2, 900)),
        "port": str(rng.randint(1024, 65000)),
        "version": f"{rng.randint(0, 19)}.{rng.randint(0, 29)}",
        "day": day(rng),
        "host": f"{rng.choice(SYLLABLES)}{rng.choice(SYLLABLES)}-{rng.randint(1, 40)}",
        "path": f"`{rng.choice(TEAMS)}/{place}/{rng.choice(COMPONENTS)}.toml`",
        "command": f"`{place} {rng.choice(VERBS).partition(':')[0][:-1]}`",
    }


def _cut(text: str) -> str:
    words = text.split()
    if len(words) < _FEWEST_WORDS:
        words[-1] = words[-1].rstrip(".")
        words += "as agreed with everybody here.".split()
    return " ".join(words[:_MOST_WORDS]).rstrip(".,;") + "."

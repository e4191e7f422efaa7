"""Finds identifiers in notes (paths, addresses, names in code, versions, tickets) and mentions of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kairos.core.text.caching import cached
from kairos.core.text.words import LETTERS, WIDE

_PLAIN_WORDS = r"(?:(?<!\S)[\"'(]*[A-Z]?[^\W\d_A-Z]+(?:-[^\W\d_A-Z]+)*[.,;:!?)\"']*(?:\s+|\Z))+"
"""A run of plain words, in which no identifier can begin. Identifiers never span a blank, so runs can be skipped."""
_IDENTIFIER = re.compile(
    rf"{_PLAIN_WORDS}|("
    r"https?://[^\s<>()\"'`]+|(?<![\w/)])(?:~|\.{1,2})?/[\w.@%+~<>{}$-]+(?:/[\w.@%+~<>{}$*-]*)*"
    r"|\b[\w.+-]{1,64}@[\w-]+\.[\w.-]+\b|(?<![\w)-])--?[a-zA-Z][\w-]+|\b\d+(?:\.\d+){2,}(?::\d+)?\b"
    r"|\b[A-Za-z_]\w*(?:[._/:]+\w+(?:-\w+)*)+\b(?:\(\))?|\b\w*_\w+\b|\b[a-z]+[A-Z]\w*\b|\b[A-Z][a-z]+[A-Z]\w*\b"
    r"|\b[A-Za-z]+-?\d[\w-]*\b|\b\d+[A-Za-z]+\d\w*\b|#\d+\b|\b[A-Z]{2,}-\d+\b|\b\w+\(\))"
)


def identifiers_in(text: str) -> tuple[tuple[tuple[int, int], str], ...]:
    """Return the identifiers of a text as they are written, each with its half-open range of characters."""
    return tuple(
        (match.span(), name)
        for match in _IDENTIFIER.finditer(_WIDE_RUN.sub(_set_apart, text))
        if (name := match[1]) is not None and not _NO_NAME.fullmatch(name)
    )


_WIDE_RUN = re.compile(rf"{WIDE.pattern}+")
_PART = re.compile(r"[A-Za-z\d][/_](?:[^\s/]*[/_])?\Z")
"""Ends with a part of a path or of a name, and with what joins the next one to it."""
_LONGEST_PART = 80
_NO_START = re.compile(rf"-(?!-)|/(?:{WIDE.pattern}|[\w~-]*(?![\w./~-]))")
"""A hyphen, or one slash between two alternatives: "前端/backend" has no path `/backend`."""


def _set_apart(run: re.Match[str]) -> str:
    """Return blanks for a run of a script without blanks between words: in "使用useState和" the name is `useState`.

    A part of a path or of a name stays as it is. Behind a bracket, neither a path nor a flag begins.
    """
    text, start, end = run.string, run.start(), run.end()
    if _PART.search(text, max(0, start - _LONGEST_PART), start):
        return run[0]
    return " " * (end - start - 1) + (")" if _NO_START.match(text, end) else " ")


_NO_NAME = re.compile(
    r"(?:[^\W\d_]\.)+[^\W\d_]?|\d{1,3}h(?:[0-5]\d|\d{1,2}m(?:in)?)|\d{1,3}m\d{1,2}s"
    r"|(?:under|over|age|aged)-\d+s?|[ap]\.m\b.*|w/o|[kh]pa",
    re.IGNORECASE,
)
"""Abbreviations ("e.g.", "w/o"), times of day ("7h30", "a.m./6"), durations ("1h30m"), ages ("under-16s"), units."""


def normal_identifier(text: str) -> str:
    """Normalise a path, an address or a name for comparison: without scheme, outer slashes and `()`, case folded."""
    text = re.sub(r"^\w+://", "", text).rstrip(".,:;)").removesuffix("()").casefold().strip("/")
    return _SAME_TYPES.get(text, text)


_SAME_TYPES = {f"{sign}int{bits}_t": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)} | {
    "bf16": "bfloat16",
    "fp16": "float16",
    "fp32": "float32",
    "fp64": "float64",
}
"""Types of numbers with two names."""


def unmentioned(names: Iterable[str], known: frozenset[str], text: str) -> tuple[str, ...]:
    """Return the names that a text does not mention in any spelling, sorted. `known` are the identifiers of the text.

    Being part of a longer name is no mention; naming both of its parts is, and so is an absolute path to a file.
    """
    ours = frozenset(names)
    unknown = sorted(ours - known)
    if not unknown:  # true of most pairs: no need to find out what the text spells
        return ()
    taken_apart = _taken_apart(ours, known)
    unknown = [one for one in unknown if one not in taken_apart and not _is_last_part(one, known, text)]
    one_word = f"{_as_one_word(text)} {' '.join(map(_alphanumeric, known))}"
    listed = frozenset(
        one for one in unknown if _SLASHED_WORDS.fullmatch(one) and _words_outside(text) >= {*one.split("/")}
    )
    if not any(_alphanumeric(one).removesuffix("s") in one_word for one in unknown):
        return tuple(one for one in unknown if one not in listed)
    spellings = _spellings(text) | _without_plural(frozenset(map(_alphanumeric, known)))
    return tuple(one for one in unknown if one not in listed and not _is_spelled(one, spellings))


def _taken_apart(ours: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """Return those of our names of which both parts are known, and those that are both parts of a known name.

    `shutdown` of `pool` is `pool.shutdown`. A text that names a part besides the whole speaks of two things.
    """
    whole = (name for name in ours - known if _has_parts_in(name, known, ours))
    parts = (part for name in known - ours for part in _has_parts_in(name, ours, known))
    return frozenset((*whole, *parts))


def _has_parts_in(name: str, names: frozenset[str], beside: frozenset[str]) -> tuple[str, ...]:
    """Return the two parts of a name if `names` has both, and those `beside` the name neither; else nothing."""
    for joint in _JOINTS.finditer(name):
        parts = name[: joint.start()].strip("/"), name[joint.end() :].strip("/")
        if names.issuperset(parts) and beside.isdisjoint(parts):
            return parts
    return ()


_JOINTS = re.compile(r"[/.:@]")


def _is_last_part(name: str, known: Iterable[str], text: str) -> bool:
    """Whether a text has a file's name as the last part of an absolute path, or with a line number.

    Or a designation after the name of its series: X-4 is PDF/X-4.
    """
    if _DESIGNATION.fullmatch(name) and any(one.endswith(f"/{name}") and _in_series(one) for one in known):
        return True
    if not _FILE.fullmatch(name):
        return False
    absolute = (one for one in known if one.endswith(f"/{name}"))
    is_last = any(one.startswith("~") or f"/{one}" in text.casefold() for one in absolute)
    return is_last or any(one.startswith(f"{name}:") and one[len(name) + 1 :].isdigit() for one in known)


def _in_series(name: str) -> bool:
    return name.partition("/")[0].isalpha() and name.count("/") == 1


_DESIGNATION = re.compile(r"[a-z]{1,2}-\d{1,2}[a-z]?")
_FILE = re.compile(r"[\w./~+-]+\.\w*[^\W\d_]\w*")
_SLASHED_WORDS = re.compile(r"[^\W\d_]{2,}(?:/[^\W\d_]{2,})+")
"""Words joined by slashes: as often a list ("morning/evening") as a path."""
_PATH = re.compile(r"\S*/\S*")


@cached(8192)
def _words_outside(text: str) -> frozenset[str]:
    """Return the words of a text outside of paths, case folded: a/b does not mention b/a."""
    return frozenset(map(str.casefold, LETTERS.findall(_PATH.sub(" ", text))))


@cached(8192)
def _as_one_word(text: str) -> str:
    return "".join(map(_alphanumeric, text.split()))


@cached(8192)
def _spellings(text: str) -> frozenset[str]:
    return _without_plural(frozenset(_joined_runs(text)))


def _without_plural(names: frozenset[str]) -> frozenset[str]:
    """Return the names, and those that have a digit also without a final s."""
    return names | {one[:-1] for one in names if one.endswith("s") and any(map(str.isdigit, one))}


def _is_spelled(name: str, spellings: frozenset[str]) -> bool:
    """Whether words spell a name. Names of one or two letters never count, as any text has such words."""
    plain = _alphanumeric(name)
    return len(plain) > _LONGEST_UNSPELLED and bool({plain, plain.removesuffix("s")} & spellings)


_LONGEST_UNSPELLED = 2


def _joined_runs(text: str) -> Iterator[str]:
    """Yield every run of one to four adjacent words, joined: "fetch orders" spells `fetch_orders`."""
    words = [_alphanumeric(word) for word in text.split()]
    for size in range(1, _LONGEST_RUN + 1):
        yield from map("".join, zip(*(words[at:] for at in range(size)), strict=False))


_LONGEST_RUN = 4


_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_NO_LETTERS = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


@cached(65_536)
def _alphanumeric(text: str) -> str:
    """Return the letters and digits of a word, case folded. Separators between digits count: 0.1.11 is not 0.11.1."""
    return _NO_LETTERS.sub("", _BETWEEN_DIGITS.sub(".", text.casefold()))


def pointed_at(text: str) -> frozenset[str]:
    """Return the notes that a text names only to say where more is told: "The rest is in sales.md"."""
    if ".md" not in text:
        return frozenset()
    found = (
        normal_identifier(match[1]) for match in _POINTER.finditer(text) if text[match.end() :][:1] in _ENDS
    )
    return frozenset(found)


_ENDS = frozenset(("", ".", "!", ")", "\n", ";"))
_POINTER = re.compile(
    r"(?:\A|[.!?;:(\n]\s{0,4})(?:the rest|more|(?:further |more )?details?|everything else|all else|see(?: also)?"
    r"|siehe(?: auch)?|mehr|alles weitere|weiteres|der rest|voir(?: aussi)?|le reste"
    r"|más|ver(?: también)?|el resto|mais|o resto)"
    r"\b[^.!?;:\n]{0,30}?\s([\w./~-]{1,200}\.md)\b",
    re.IGNORECASE,
)

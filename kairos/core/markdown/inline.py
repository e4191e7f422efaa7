"""Strips inline Markdown of its marks, in linear time: notes may be hostile or broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

_ANY_MARK = re.compile(r"[`*_~\[<\\]")
_TICKS = re.compile(r"(?<![\\`])`+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()\n]*\)")
_LINK = re.compile(
    r"\[([^\[\]]+)\]"
    r"\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"[^\"\n]*\")?\)"
)
_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]+)>")
_URL = re.compile(r"https?://[^\s<>*`\x00]+")
_PAIRED_MARK = re.compile(r"\*\*|__|~~")
_DUNDER = re.compile(r"[a-z][a-z0-9_]*\Z")  # `__init__` is a name, though CommonMark makes it bold
_EMPHASIS = re.compile(
    r"(?<![\w*/])\*(?=[^\s*./])([^*\n]+?)(?<=[^\s*/])\*(?![\w*])"  # not globs such as a/*.c, b/*.c
    r"|(?<![\w_])_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w_])"
)
_PLACEHOLDER = re.compile("\x00(\\d+)\x00")


def without_marks(text: str) -> str:
    """Return what a reader sees of one block: code and link texts stay, marks go. It must have no blank lines."""
    if not _ANY_MARK.search(text):
        return text
    protected: list[str] = []

    def protect(piece: str) -> str:
        protected.append(piece)
        return f"\x00{len(protected) - 1}\x00"

    text = _protect_code(text.replace("\x00", ""), protect)
    if _ANY_MARK.search(text):  # most blocks with marks have only code
        text = _without_other_marks(text, protect)
    return _PLACEHOLDER.sub(lambda match: protected[int(match.group(1))], text)


def _without_other_marks(text: str, protect: Callable[[str], str]) -> str:
    """Strip all marks except those of code."""
    text = _ESCAPE.sub(lambda match: protect(match.group(1)), text)
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _WIKI.sub(lambda match: match.group(2) or match.group(1), text)
    text = _AUTOLINK.sub(r"\1", text)
    text = _URL.sub(lambda match: protect(match.group()), text)
    for _ in range(2):  # bold inside bold: the second pass strips the inner pair
        text = _without_pairs(text)
    return _EMPHASIS.sub(lambda match: match.group(1) or match.group(2), text)


def code_of(text: str) -> Iterator[str]:
    """Yield the contents of the code spans of one block, in order."""
    for opening, closing in backtick_pairs(text):
        yield text[opening[1] : closing[0]].strip()


def without_comments(text: str) -> str:
    """Strip HTML comments (`<!-- … -->`). A comment that is never closed is text."""
    out: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        out.append(text[position:start])
        position = end + len("-->")
    return "".join((*out, text[position:]))


def _protect_code(text: str, protect: Callable[[str], str]) -> str:
    out: list[str] = []
    position = 0
    for opening, closing in backtick_pairs(text):
        out += [text[position : opening[0]], protect(_code_between(text, opening, closing))]
        position = closing[1]
    return "".join((*out, text[position:]))


def _code_between(text: str, opening: tuple[int, int], closing: tuple[int, int]) -> str:
    return text[opening[1] : closing[0]].replace("\n", " ").strip()


def backtick_pairs(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the spans of the opening and the closing backticks of each code span."""
    return paired([match.span() for match in _TICKS.finditer(text)])


def paired(runs: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the runs of backticks that open and close a code span.

    A run pairs with the next run of the same length, as in CommonMark. No code span reaches across an empty run.
    """
    partner: list[int | None] = [None] * len(runs)
    seen: dict[int, int] = {}
    for index in reversed(range(len(runs))):
        start, end = runs[index]
        if start == end:
            seen.clear()
        else:
            partner[index] = seen.get(end - start)
            seen[end - start] = index
    index = 0
    while index < len(runs):
        closing = partner[index]
        if closing is not None:
            yield runs[index], runs[closing]
            index = closing
        index += 1


def _without_pairs(text: str) -> str:
    """Strip `**`, `__` and `~~` where they come in pairs around words."""
    opened: dict[str, int] = {}
    marks: list[int] = []
    for match in _PAIRED_MARK.finditer(text):
        mark, at = match.group(), match.start()
        start = opened.get(mark)
        if start is not None and at > start + 2 and _closes(text, mark, start, at):
            marks += [start, at]
            del opened[mark]
        elif start is None and _opens(text, mark, at):
            opened[mark] = at
    out: list[str] = []
    position = 0
    for at in sorted(marks):
        out.append(text[position:at])
        position = at + 2
    return "".join((*out, text[position:]))


def _opens(text: str, mark: str, at: int) -> bool:
    following = text[at + 2 : at + 3]
    inside_word = mark != "~~" and _is_ascii_word(text[at - 1 : at] if at else "")
    return following not in ("", "/") and not following.isspace() and not inside_word


def _closes(text: str, mark: str, start: int, at: int) -> bool:
    before, following = text[at - 1], text[at + 2 : at + 3]
    if before.isspace() or (before == "/" and mark == "**"):
        return False
    if mark == "__" and _DUNDER.match(text, start + 2, at):
        return False
    return mark == "~~" or not _is_ascii_word(following)


def _is_ascii_word(character: str) -> bool:
    return character.isascii() and character.isalnum()

"""What an index line says besides leading to a note. Its words outlive the link if nothing else says them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from kairos.core.markdown.links import Link
from kairos.core.markdown.plain_text import normalised, plain
from kairos.core.root.pointers import Pointer
from kairos.core.root.reading import Reading
from kairos.core.text.phrases import negations
from kairos.core.text.words import stems, stems_of
from kairos.model import Role, Splice

_LABEL = re.compile(r"[^\W\d_]+(?:,? [^\W\d_]+|-[^\W\d_]+){0,3}")
_MOST_TITLE_WORDS = 6
"""A title with more words is a sentence."""
_OUTER_PUNCTUATION = re.compile(r"\A[\W_]+|[\W_]+\Z")


def says_something_unique(
    pointer: Pointer, says_it: Sequence[str], reading: Reading, gone: frozenset[str] = frozenset()
) -> bool:
    """Whether a pointer that goes says something that none of `says_it` says or, if that is empty, that no note says.

    `gone` are the paths that go, which do not count as notes. A text says it if it has all its significant words.
    """
    said = _own_words(pointer)
    words, sentence = frozenset(stems(said)), normalised(said)
    if not words:
        return False
    if not says_it:
        notes = reading.derived(words_of_notes)
        return not any(words <= found for path, found in notes.items() if path not in gone)
    return not any(sentence in normalised(text) or words <= frozenset(_stems(text)) for text in says_it)


def names_something_unique(pointer: Pointer, text: str) -> bool:
    """Whether a pointer has a number or a name that `text` lacks, given that `text` says everything else it says."""
    named = particulars(pointer)
    return bool(named) and not frozenset(stems(named)) <= frozenset(_stems(text))


def particulars(pointer: Pointer) -> str:
    """Return the words with numbers and names that a pointer has besides the name of its note; "" for none."""
    said = _own_words(pointer).split()
    named = " ".join(word for word in said if not word.islower() or any(map(str.isdigit, word)))
    return named if any(map(_is_cased, named)) else ""


def _is_cased(character: str) -> bool:
    return character.isupper() or character.isdigit()


def unlinked(pointer: Pointer) -> tuple[Splice, ...]:
    """Return the edits that leave only the words of a pointer."""
    path = pointer.entry.path
    return tuple(
        Splice(path, link.span, link.text.encode("utf-8", "surrogateescape")) for link in pointer.links
    )


def _own_words(pointer: Pointer) -> str:
    """Return what a pointer says besides the name of its note: its hook, and titles that are more than a name.

    A hook in lower case of up to four words is a label: it says nothing without the note, and is left out.
    """
    link = pointer.links[0]
    before, hook = _text_around_links(pointer)
    if _LABEL.fullmatch(hook) and hook.islower() and not negations(hook):
        hook = ""
    titles = (before, *(plain(one.text) for one in pointer.links))
    return " ".join(filter(None, (*(title for title in titles if not _is_mere_name(title, link)), hook)))


def _text_around_links(pointer: Pointer) -> tuple[str, str]:
    """Return the text before the first link of a pointer, and the text after it with any further links left out."""
    raw, start = pointer.entry.raw.encode("utf-8"), pointer.entry.span.start
    pieces: list[bytes] = []
    position = 0
    for link in pointer.links:
        pieces.append(raw[position : link.span.start - start])
        position = link.span.end - start
    before, behind = pieces[0], b" ".join((*pieces[1:], raw[position:]))
    return _text(before), _text(behind)


def _text(raw: bytes) -> str:
    return _OUTER_PUNCTUATION.sub("", " ".join(plain(raw.decode("utf-8", "ignore")).split()))


def _is_mere_name(title: str, link: Link) -> bool:
    """Whether a title is merely a name for the file that a link leads to."""
    words = stems(title)
    if {*words} <= {*stems(link.target)}:
        return True
    return len(words) <= _MOST_TITLE_WORDS and not any(map(str.isdigit, title)) and not negations(title)


def words_of_notes(reading: Reading) -> dict[str, frozenset[str]]:
    """Return the stems of all that each note says, by its path."""
    return {
        path: frozenset(_stems(source.data.decode("utf-8", "replace")))
        for path, source in reading.sources.items()
        if source.role in (Role.NOTE, Role.DAILY)
    }


def _stems(text: str) -> Sequence[str]:
    """Return the stems of a text. It may be a whole file, so unlike in `stems` they are not cached."""
    return stems_of(unicodedata.normalize("NFKC", text))

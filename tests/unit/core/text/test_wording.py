"""The wording of notes, and the words that a root uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.planning.scopes import Usage, usage
from kairos.core.root.reading import Reading
from kairos.core.text.wording import Wording, wording

Read = Callable[[Mapping[str, str]], Reading]


@pytest.mark.parametrize(
    ("text", "lower", "names"),
    [
        ("- The shop in Berlin opens at nine.\n", "at in nin open shop", "berlin"),
        ("- Ask Mara: Mara knows.\n", "know", "mara"),
        ("- Zürich und GENF, v2\n", "und v2", ""),
        ("- Tea\n- tea\n", "tea", ""),
        ("- The Teas, the tea, the Tea\n", "tea the", "tea"),
    ],
)
def test_a_capitalised_word_inside_a_sentence_is_a_name(
    read: Read, text: str, lower: str, names: str
) -> None:
    found = wording(read({"a.md": text}).notes["a.md"].entries)
    assert found == Wording(lower, names, "")


def test_a_description_only_adds_names(read: Read) -> None:
    note = read({"a.md": "---\nname: a\ndescription: where Mara works, datensicherung\n---\n\nHer shop.\n"})
    assert note.facts["a.md"].wording == Wording("shop", "mara", "")


def test_long_capitalised_words_are_collected_wherever_they_are(read: Read) -> None:
    note = read({"a.md": "- Datensicherung täglich, Wartung nie.\n- Die Wartungsfenster\n"}).notes["a.md"]
    assert wording(note.entries).long == "datensicherung wartungsfenster"


def test_the_usage_of_a_root_is_that_of_its_notes_without_pointers(read: Read) -> None:
    files = {
        "MEMORY.md": "# Memory\n\n- [Mara](mara.md) — her Vespa\n- The Falcon flies.\n",
        "mara.md": "- Her number is Two.\n- In Kiel a falcon lives.\n",
    }
    assert usage(read(files)) == Usage(
        lower=frozenset("fli numb is a falcon liv".split()),
        names=frozenset({"two", "kiel"}),
        ends=frozenset(),
    )

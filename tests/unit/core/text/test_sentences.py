import pytest

from kairos.core.text.sentences import split


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four; five", ["One.", "Two!", "Three?", "Four;", "five"]),
        ("Use 3.5 with v1.2.3. Then stop.", ["Use 3.5 with v1.2.3.", "Then stop."]),
        ("See mem_pool.c and e.g. this one. End.", ["See mem_pool.c and e.g. this one.", "End."]),
        ("Das geht z. B. so. Ende.", ["Das geht z. B. so.", "Ende."]),
        ("Dr. Roe vs. J. Doe. End.", ["Dr. Roe vs. J. Doe.", "End."]),
        ("Is it on? No. Use it.", ["Is it on?", "No.", "Use it."]),
        ("See No. 5 on p. 7.", ["See No. 5 on p. 7."]),
        ("Pens, ink etc. are here. Ink etc. All.", ["Pens, ink etc. are here.", "Ink etc.", "All."]),
        ("Am 12. Mai ist Schluss.", ["Am 12. Mai ist Schluss."]),
        ("Wait... then go.", ["Wait... then go."]),
        ("Open https://x.org/a?b=1;c=2 now.", ["Open https://x.org/a?b=1;c=2 now."]),
        ("Run `a; b. c` now. End.", ["Run `a; b. c` now.", "End."]),
        ("It is (as said. twice) so. End.", ["It is (as said. twice) so.", "End."]),
        ('He said "stop." Then left.', ['He said "stop."', "Then left."]),
        ("Use it (or not!) all day.", ["Use it (or not!) all day."]),
        ("端口是八千。不要改！为什么？", ["端口是八千。", "不要改！", "为什么？"]),
        ("first line\nsecond line", ["first line", "second line"]),
        ("... \n--", []),
        ("", []),
    ],
)
def test_text_is_split_into_sentences(text: str, sentences: list[str]) -> None:
    assert list(split(text)) == sentences


@pytest.mark.timeout(20)
def test_long_text_takes_linear_time() -> None:
    assert len(split("a word. " * 100_000)) == 100_000


WRAPPED = "The boiler is bled every autumn before the first frost, since"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"{WRAPPED}\nair in the pipes makes them knock at night.", 1),
        (f"{WRAPPED}\n“air” in the pipes makes them knock at night.", 1),
        (
            f"{WRAPPED}\nAir in the pipes makes them knock at night.",
            2,
        ),  # a new sentence, or an item of a list
        (f"{WRAPPED} then:\nair in the pipes makes them knock.", 2),
        (f"{WRAPPED} then.\nair in the pipes makes them knock.", 2),
        (f"{WRAPPED}\n\nair in the pipes makes them knock.", 2),
        (f"{WRAPPED}\n2 of the pipes knock.", 2),
        ("bleed the boiler\nsweep the chimney", 2),  # short lines are items
    ],
)
def test_a_wrapped_line_does_not_end_a_sentence(text: str, count: int) -> None:
    assert len(split(text)) == count

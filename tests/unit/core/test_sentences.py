import pytest

from kairos.core.sentences import split


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
def test_split(text: str, sentences: list[str]) -> None:
    assert list(split(text)) == sentences


@pytest.mark.timeout(20)
def test_long_text_takes_linear_time() -> None:
    assert len(split("a word. " * 100_000)) == 100_000

import pytest

from kairos.core.markdown.plain_text import code_spans, normalised, plain


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("**bold** and *slanted* and ~~struck~~", "bold and slanted and struck"),
        ("***both***", "both"),
        ("**重要**的", "重要的"),
        ("**A**/**B**", "A/B"),
        ("- [x] ~~**done** thing~~", "done thing"),
        ("[a link](x.md) and [[slug]] and [[slug|shown]]", "a link and slug and shown"),
        ("[a\nlink](x.md)", "a\nlink"),
        ("![alt](p.png)", "alt"),
        ("<https://example.org/a_b>", "https://example.org/a_b"),
        ("https://example.org/_x_/*", "https://example.org/_x_/*"),
        ("`a * b * c` and ``x ` y``", "a * b * c and x ` y"),
        ("`a\nb` c", "a b c"),
        ("snake_case_name and __init__.py and 2*3*4", "snake_case_name and __init__.py and 2*3*4"),
        ("src/*.c, lib/*.h and **/*.py", "src/*.c, lib/*.h and **/*.py"),
        ("2**10 and 3**2", "2**10 and 3**2"),
        (r"\*not slanted\*", "*not slanted*"),
        ("a <!-- hidden\n\nstill --> b", "a b"),
        ("a <!-- open", "a <!-- open"),
        ("one `tick\n\nother ` tick", "one `tick\nother ` tick"),
        (
            "See:\n```py\n__all__ = [*a, *b]\n\n# **kept**\n```\n**end**",
            "See:\n__all__ = [*a, *b]\n# **kept**\nend",
        ),
        ("~~~\n```\n~~~", "```"),
        ("> > quoted", "quoted"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_markup_is_removed(raw: str, shown: str) -> None:
    assert plain(raw) == shown


def test_code_spans_are_found() -> None:
    raw = "- run `make  all` in ``a`b`` then `make  all`\n\n```\n`none`\n```"
    assert code_spans(raw) == ("make  all", "a`b")


def test_text_is_normalised() -> None:
    assert normalised("Ｆｕｌｌ  Straße\n") == "full strasse"

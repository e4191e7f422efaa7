"""Links: which are found, where they lead, and what happens to them when their note is removed."""

from __future__ import annotations

import os

import pytest

from kairos.core.markdown.links import OUTSIDE, Directory, LinkForm, link_target, links, repoint
from kairos.core.markdown.render import apply_splices
from kairos.model import Role, Source

KNOWN = Directory(
    frozenset({"a.md", "b.md", "dir/c.md", "with space.md", "odd (1).md", "script.sh"}),
    {"a.md": "First", "b.md": "Second"},
)


def source(text: str, path: str = "MEMORY.md") -> Source:
    return Source(path, text.encode(), "", 0, 0o644, Role.INDEX)


def repointed(text: Source, known: Directory, gone: str, successor: str | None) -> bytes:
    return apply_splices(text.data, repoint(text.path, links(text), known, gone, successor))


def found(text: str) -> list[tuple[LinkForm, str, str]]:
    return [(link.form, link.target, link.text) for link in links(source(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see [A](a.md) here", (LinkForm.INLINE, "a.md", "A")),
        ("[c](dir/c.md#part)", (LinkForm.INLINE, "dir/c.md", "c")),
        ("[s](<with space.md>)", (LinkForm.INLINE, "with space.md", "s")),
        ('[t](a.md "title")', (LinkForm.INLINE, "a.md", "t")),
        ("[o](odd(1).md)", (LinkForm.INLINE, "odd(1).md", "o")),
        ("[s](with space.md)", (LinkForm.LOOSE, "with space.md", "s")),
        ("[o](odd & so (1).md#part)", (LinkForm.LOOSE, "odd & so (1).md", "o")),
        ("`dir/c.md` says", (LinkForm.CODE, "dir/c.md", "dir/c.md")),
        ("[[a]]", (LinkForm.WIKI, "a", "a")),
        ("[[a|the first]]", (LinkForm.WIKI, "a", "the first")),
        ("[ref]: dir/c.md", (LinkForm.REFERENCE, "dir/c.md", "ref")),
    ],
)
def test_every_form_is_found(text: str, expected: tuple[LinkForm, str, str]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "```\n[a](a.md)\n```\n",
        "`[a](a.md)`",
        "[a](https://example.org/a.md)",
        "[a](mailto:a@example.org)",
        "[a](#part)",
        "`cat a.md`",
    ],
)
def test_code_schemes_and_anchors_are_no_local_links(text: str) -> None:
    assert found(text) == []


def test_links_never_overlap_except_a_path_as_text() -> None:
    assert [form for form, _, _ in found("[[a]](b.md) and [`a.md`](a.md)")] == [
        LinkForm.INLINE,
        LinkForm.INLINE,
        LinkForm.CODE,
    ]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("[c](c.md)", "dir/x.md", "dir/c.md"),
        ("[a](../a.md)", "dir/x.md", "a.md"),
        ("[s](with%20space.md)", "MEMORY.md", "with space.md"),
        ("[[A]]", "dir/x.md", "a.md"),
        ("[[a.md]]", "MEMORY.md", "a.md"),
        ("[n](none.md)", "MEMORY.md", None),
        ("[k](../../.ssh/id_rsa)", "dir/x.md", OUTSIDE),
        ("[k](%2e%2e/secret.md)", "MEMORY.md", OUTSIDE),
        ("[k](/etc/passwd.md)", "MEMORY.md", OUTSIDE),
        ("[k](~/x.md)", "MEMORY.md", OUTSIDE),
    ],
)
def test_links_resolve_to_paths(text: str, path: str, expected: str | None) -> None:
    (link,) = links(source(text, path))
    assert KNOWN.resolve(link, path) == expected


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("[x](closed/a.md)", "closed/a.md"),
        ("[x](closed/deep/a.md)", "closed/deep/a.md"),
        ("[[closed/a]]", "closed/a.md"),
        ("[x](closed-not/a.md)", None),
        ("[[a]]", None),
    ],
)
def test_a_file_in_a_directory_that_was_not_read_may_exist(text: str, leads_to: str | None) -> None:
    known = Directory(frozenset({"closed"}), {}, unseen=frozenset({"closed"}))
    (link,) = links(source(text))
    assert known.resolve(link, "MEMORY.md") == leads_to


@pytest.mark.parametrize(
    "name", ["with space.md", "odd (1).md", "100%.md", "a#b.md", "ümläut <x>.md", "c:d.md"]
)
def test_a_written_path_leads_to_the_same_file(name: str) -> None:
    (link,) = links(source(f"[x]({link_target(name)})"))
    assert Directory(frozenset({name}), {}).resolve(link, "MEMORY.md") == name


def test_links_are_redirected_to_the_successor_in_their_own_form() -> None:
    text = source("[A](../a.md#why), `../a.md`, [[a|first]] and [B](../b.md)\r\n", "dir/x.md")
    after = repointed(text, KNOWN, "a.md", "odd (1).md")
    assert after == (
        b"[A](../odd%20%281%29.md#why), `../a.md`, [[odd (1)|first]] and [B](../b.md)\r\n"
    ).replace(b"`../a.md`", b"`../odd (1).md`")


def test_without_successor_a_link_becomes_its_text_and_the_sentence_stays() -> None:
    text = source("As [A](a.md) says, and [[a|first]], not [B](b.md).\n")
    after = repointed(text, KNOWN, "a.md", None)
    assert after == b"As A says, and first, not [B](b.md).\n"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[[old]]", "[[sub/setup]]"),
        ("[[old.md|first]]", "[[sub/setup.md|first]]"),
        ("[[sub/alone]]", "[[sub/alone]]"),
    ],
)
def test_a_wiki_link_leads_to_the_successor_even_if_another_note_has_its_name(
    link: str, expected: str
) -> None:
    paths = frozenset({"old.md", "setup.md", "sub/setup.md", "sub/alone.md"})
    known = Directory(paths, {path: path for path in paths})
    text = source(f"See {link}.\n", "x.md")
    after = repointed(text, known, "old.md", "sub/setup.md").decode()
    assert after == f"See {expected}.\n"
    (new,) = links(source(after, "x.md"))
    assert known.resolve(new, "x.md") == ("sub/alone.md" if "alone" in link else "sub/setup.md")


def test_a_wiki_link_keeps_a_bare_name_that_is_unambiguous() -> None:
    known = Directory(frozenset({"old.md", "sub/alone.md"}), {"old.md": "Old", "sub/alone.md": "Alone"})
    text = source("[[old]]\n")
    assert repointed(text, known, "old.md", "sub/alone.md") == b"[[alone]]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See [[a]] first.\n", "See a first.\n"),
        ("See [[a|the first]].\n", "See the first.\n"),
        ("See `a.md`.\n", "See `a.md`.\n"),
        ("See [A](a.md).\n", "See [A](caf%E9.md).\n"),
    ],
)
def test_a_path_that_is_not_text_is_never_written_into_a_note(text: str, expected: str) -> None:
    successor = os.fsdecode(b"caf\xe9.md")
    known = Directory(frozenset({"a.md", successor}), {"a.md": "First", successor: "Coffee"})
    after = repointed(source(text), known, "a.md", successor)
    assert after == expected.encode()

"""The real git applies our patches, whatever the bytes and names."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.report.patch import Patched, git_patch, quoted

Files = Mapping[str, bytes | None]

CASES: dict[str, tuple[Files, Files]] = {
    "edited": ({"a.md": b"one\ntwo\nthree\n"}, {"a.md": b"one\n2\nthree\n"}),
    "new and gone": ({"a.md": b"x\n", "b.md": None}, {"a.md": None, "b.md": b"y\n"}),
    "empty files": ({"a.md": b"", "b.md": None}, {"a.md": None, "b.md": b""}),
    "emptied and filled": ({"a.md": b"", "b.md": b"x\n"}, {"a.md": b"x\n", "b.md": b""}),
    "no final newline": ({"a.md": b"x\ny", "b.md": b"x\n"}, {"a.md": b"x\ny\n", "b.md": b"x"}),
    "CRLF and lone CR": ({"a.md": b"x\r\ny\rz\r\n"}, {"a.md": b"x\r\nw\rz\r\n"}),
    "BOM, NUL, no UTF-8": ({"a.md": b"\xef\xbb\xbfx\n"}, {"a.md": b"\xef\xbb\xbf\xff\xfe\x00\n"}),
    "below": ({"deep/er/a.md": b"x\n", "deep/b.md": None}, {"deep/er/a.md": None, "deep/b.md": b"x\n"}),
    "looks like a patch": (
        {"a.md": b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n"},
        {"a.md": b"--- a/x\n+++ /etc/passwd\n@@ -1 +1 @@\n-x\n"},
    ),
    "odd names": (
        dict.fromkeys(("with blank.md", 'quo"te.md', "back\\slash.md", "new\nline.md", "tab\t.md"), b"x\n"),
        dict.fromkeys(("with blank.md", 'quo"te.md', "back\\slash.md", "new\nline.md", "tab\t.md"), b"y\n"),
    ),
    "names that are no ASCII": (
        {"日本.md": b"x\n", os.fsdecode(b"caf\xe9.md"): None},
        {"日本.md": None, os.fsdecode(b"caf\xe9.md"): b"x\n"},
    ),
    "names like options": ({"-rf.md": b"x\n"}, {"-rf.md": b"y\n"}),
}


def patched(before: Files, after: Files) -> bytes:
    return git_patch(Patched(path, before[path], after[path], 0o644) for path in before)


def put(root: Path, files: Files) -> None:
    for path, data in files.items():
        if data is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)


def found(root: Path, files: Files) -> dict[str, bytes | None]:
    return {path: (root / path).read_bytes() if (root / path).exists() else None for path in files}


def git(root: Path, patch: bytes, *options: str) -> None:
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", *options],
        input=patch, cwd=root, check=True, capture_output=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": "/"},
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_git_applies_and_reverts_a_patch(name: str, tmp_path: Path) -> None:
    before, after = CASES[name]
    put(tmp_path, before)
    patch = patched(before, after)
    git(tmp_path, patch)
    assert found(tmp_path, before) == after
    git(tmp_path, patch, "-R")
    assert found(tmp_path, before) == before


def test_git_applies_a_patch_inside_a_repository(tmp_path: Path) -> None:
    before, after = CASES["edited"]
    root = tmp_path / "notes" / "memory"
    put(root, before)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    git(root, patched(before, after), "--directory=notes/memory")
    assert found(root, before) == after


def test_an_executable_note_keeps_its_bit(tmp_path: Path) -> None:
    git(tmp_path, git_patch([Patched("a.md", None, b"x\n", 0o755)]))
    assert (tmp_path / "a.md").stat().st_mode & 0o111


def test_unchanged_files_give_no_patch() -> None:
    assert git_patch([Patched("a.md", b"x", b"x"), Patched("b.md", None, None)]) == b""


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"a", b"b", b"-x", b"+", b"\\ No newline at end of file", b"", b"\r"]), max_size=12
    ),
    st.lists(st.sampled_from([b"a", b"b", b"-x", b"@@ -1 +1 @@", b"", b"\xff"]), max_size=12),
    st.booleans(),
)
def test_any_bytes_survive_a_patch(
    tmp_path_factory: pytest.TempPathFactory, old: list[bytes], new: list[bytes], end: bool
) -> None:
    root = tmp_path_factory.mktemp("patch")
    before = {"a.md": b"\n".join(old) + b"\n" * end}
    after = {"a.md": b"\n".join(new)}
    put(root, before)
    patch = patched(before, after)
    if patch:
        git(root, patch)
    assert found(root, before) == after


def test_a_name_is_quoted_as_git_does() -> None:
    assert quoted(b"plain name.md") == b"plain name.md"
    assert quoted(b"\x1b[2J\n\xff") == b'"\\033[2J\\n\\377"'

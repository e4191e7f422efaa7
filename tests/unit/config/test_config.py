from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kairos.config import (
    Config,
    ConfiguredRoot,
    cache_dir,
    config_path,
    default_config,
    dump,
    example,
    judge_model,
    load_config,
    model_path,
    parse_config,
    state_dir,
)
from kairos.config.reader import is_section, keys_of
from kairos.config.section import Section
from kairos.errors import ConfigError
from kairos.model import INDEX_BUDGET
from tests.unit.config.problems import problems_of

ROOT = Path(__file__).parents[3]


# --- the example -----------------------------------------------------------------------------------


def key_paths(schema: type[Section], prefix: str = "") -> Iterator[str]:
    for name, hint in keys_of(schema).items():
        yield f"{prefix}{name}"
        if is_section(hint):
            yield from key_paths(hint, f"{prefix}{name}.")


def keys_with_comment(text: str) -> dict[str, bool]:
    """Map each key path in a YAML text to whether there is a comment right above it."""
    found: dict[str, bool] = {}
    sections: list[str] = []
    above = ""
    for line in text.splitlines():
        if match := re.match(r"((?:  )*)(\w+):", line):
            indent, key = match.groups()
            sections[len(indent) // 2 :] = [key]
            found[".".join(sections)] = above.lstrip().startswith("#")
        above = line
    return found


def test_the_example_equals_the_defaults() -> None:
    assert parse_config(example(), "example") == default_config()


def test_the_example_names_every_key_with_a_comment() -> None:
    documented = keys_with_comment(example())
    assert set(documented) == set(key_paths(Config))
    assert all(documented.values())


def test_the_example_states_the_default_of_every_key() -> None:
    assert yaml.safe_load(example()) == yaml.safe_load(dump(default_config()))


def test_the_example_takes_roots_of_any_name(tmp_path: Path) -> None:
    names = ["notes", 'odd "name": #1', "Wörterbuch", "back\\slash", "dra[ft", "**a*"]
    for name in names:
        (tmp_path / name).mkdir()
    config = parse_config(example([f"~/{name}" for name in names]), "example")
    assert [root.path.name for root in config.roots_expanded(tmp_path)] == names


# --- loading ---------------------------------------------------------------------------------------


def test_a_missing_default_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_config(None, {"HOME": str(tmp_path)}) == default_config()


def test_the_default_file_is_read(tmp_path: Path) -> None:
    place = tmp_path / "kairos" / "config.yaml"
    place.parent.mkdir()
    place.write_text("conflicts: keep-newer\n", encoding="utf-8")
    assert load_config(None, {"XDG_CONFIG_HOME": str(tmp_path)}).conflicts == "keep-newer"


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        load_config(tmp_path / "missing.yaml", {})
    assert caught.value.source.endswith("missing.yaml")


def test_a_directory_and_invalid_utf8_are_reported(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"# caf\xe9\n")
    for path, reason in ((tmp_path, "cannot be read: Is a directory"), (latin, "byte 5 is not")):
        with pytest.raises(ConfigError, match=reason):
            load_config(path, {})


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "\ufeffroots:\n", "judge:\nindex: {lines: null}\n"]
)
def test_empty_files_and_null_values_give_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_config(path, {}) == default_config()


def test_a_dump_loads_to_the_same_configuration() -> None:
    config = parse_config(
        "roots: [~/a, {path: /b*, layout: plain, enabled: false}]\n"
        "ignore: ['*.tmp.md', '!ü.md']\njudge: {merge_confidence: 1}\ncache_dir: ~/c\n",
        "text",
    )
    assert parse_config(dump(config), "dump") == config


# --- roots and places ------------------------------------------------------------------------------


def roots_of(text: str, home: Path) -> list[str]:
    found = parse_config(f"roots: {text}", "text").roots_expanded(home)
    return [root.path.relative_to(home).as_posix() for root in found]


def test_roots_are_expanded_in_order_each_once(tmp_path: Path) -> None:
    home = tmp_path / "h[o]me*"
    for name in ("b/memory", "a/memory", ".c/memory", "d"):
        (home / name).mkdir(parents=True)
    (home / "e").mkdir()
    (home / "e" / "memory").write_text("a file", encoding="utf-8")
    assert roots_of("['~/*/memory']", home) == [".c/memory", "a/memory", "b/memory"]
    assert roots_of("[~/missing, ~/b/memory, '~/[ab]/memory']", home) == ["missing", "b/memory", "a/memory"]
    assert roots_of("['~/?/memory', {path: ~/a/memory, enabled: false}]", home) == ["b/memory"]
    (home / "link").symlink_to(home / "a" / "memory")
    assert roots_of("[~/link, {path: ~/a/memory, enabled: false}, ~/b/memory]", home) == ["b/memory"]
    named = parse_config("roots: ['~/?/memory', {path: ~/a/memory, enabled: false}]", "text").all_roots(home)
    assert [(root.path.parent.name, root.enabled) for root in named] == [("a", False), ("b", True)]
    assert roots_of("['~/**/memory']", home) == [".c/memory", "a/memory", "b/memory"]


def test_the_layout_of_a_root_is_that_of_its_configuration_line(tmp_path: Path) -> None:
    home = tmp_path / "h[o]me*"
    for name in ("a/memory", "b/memory", "c/deep/memory"):
        (home / name).mkdir(parents=True)
    (home / "link").symlink_to("b/memory")
    text = """roots:
      - {path: ~/a/memory, layout: claude-code}
      - {path: ~/a/memory, layout: plain}
      - {path: ~/off, layout: plain, enabled: false}
      - {path: "~/**/deep/[m]*", layout: claude-code}
      - {path: ~/link, layout: plain}
      - {path: "~/*"}
    """
    config = parse_config(text, "text")
    said = {
        name: config.layout_override(home / name, home)
        for name in ("a/memory", "b/memory", "link", "c/deep/memory", "c/deep", "off", "a")
    }
    assert said == {
        "a/memory": "claude-code", "b/memory": "plain", "link": "plain", "c/deep/memory": "claude-code",
        "c/deep": None, "off": None, "a": None,
    }  # fmt: skip
    assert config.layout_override(home / "b" / ".." / "a" / "memory", home) == "claude-code"


def test_a_root_keeps_its_layout(tmp_path: Path) -> None:
    config = parse_config("roots: [{path: ~/a, layout: plain}, ~/b, ~/a]", "text")
    assert config.roots_expanded(tmp_path) == (
        ConfiguredRoot(tmp_path / "a", "plain"),
        ConfiguredRoot(tmp_path / "b", None),
    )
    assert parse_config("roots: ['~']", "text").roots_expanded(tmp_path) == (ConfiguredRoot(tmp_path, None),)


@pytest.mark.parametrize(
    ("patterns", "ignored", "read"),
    [
        (["drafts/"], ["drafts/a.md", "x/drafts/y/b.md"], ["drafts.md", "drafts"]),
        (["*.tmp.md"], ["a.tmp.md", "x/.tmp.md"], ["a.md", "tmp.md"]),
        (["/a.md"], ["a.md"], ["x/a.md"]),
        (["x/*.md"], ["x/a.md"], ["x/y/a.md", "y/x/a.md"]),
        (["**/x/a.md"], ["x/a.md", "y/z/x/a.md"], ["x/b.md"]),
        (["x/**"], ["x/a.md", "x/y/a.md"], ["x", "y/x/a.md"]),
        (["x/**/a.md"], ["x/a.md", "x/y/z/a.md"], ["x/y/b.md"]),
        (["a?.md", "[!a-c].md"], ["ab.md", "d.md"], ["a.md", "b.md"]),
        ([r"\!x.md"], ["!x.md"], ["x.md"]),
        (["[]x].md", "[a&&|].md"], ["].md", "x.md", "&.md", "|.md"], ["b.md"]),
        (["[!]].md"], ["a.md"], ["].md"]),
        (["*.md", "!keep.md"], ["a.md"], ["keep.md", "x/keep.md"]),
        (["!a.md", "a.md"], ["a.md"], []),
        (["a.b"], ["a.b"], ["axb"]),
        ([], [], ["a.md"]),
    ],
)
def test_ignore_is_like_gitignore(patterns: list[str], ignored: list[str], read: list[str]) -> None:
    config = Config(ignore=tuple(patterns))
    assert [path for path in ignored + read if config.is_ignored(path)] == ignored


def test_directories_follow_the_environment_and_then_the_home() -> None:
    config = default_config()
    home = {"HOME": "/h"}
    assert config_path(home) == Path("/h/.config/kairos/config.yaml")
    assert state_dir(config, home) == Path("/h/.local/state/kairos")
    assert cache_dir(config, home) == Path("/h/.cache/kairos")
    assert state_dir(config, home | {"XDG_STATE_HOME": "/s"}) == Path("/s/kairos")
    assert cache_dir(config, home | {"XDG_CACHE_HOME": "relative"}) == Path("/h/.cache/kairos")
    assert model_path(config, home) is None
    chosen = parse_config("state_dir: ~/s\ncache_dir: /c\nmodel: {path: ~/m}\n", "text")
    assert (state_dir(chosen, home), cache_dir(chosen, home)) == (Path("/h/s"), Path("/c"))
    assert model_path(chosen, home) == Path("/h/m")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("judge:\n", None),
        ("judge: {model: null}", None),
        ("judge: {model: ~/models/nli}", "/h/models/nli"),
        ("judge: {model: /srv/nli}", "/srv/nli"),
        ("judge: {model: cross-encoder/nli-deberta-v3-base}", "cross-encoder/nli-deberta-v3-base"),
        ("judge: {model: my.model_2}", "my.model_2"),
    ],
)
def test_the_judge_model_is_the_shipped_one_a_directory_or_a_name(text: str, expected: str | None) -> None:
    assert judge_model(parse_config(text, "text"), {"HOME": "/h"}) == expected


@pytest.mark.parametrize(
    "name", ["./models/nli", "../nli", "a/b/c", "'~bob/nli'", "''", "https://h/x", "'a b'", '"/x\\0"']
)
def test_other_names_of_judge_models_are_refused(name: str) -> None:
    (problem,) = problems_of(f"judge: {{model: {name}}}")
    assert problem.startswith("judge.model: expected ")


def test_the_default_budget_of_the_index_is_that_of_the_model() -> None:
    index = default_config().index
    assert (index.lines, index.bytes) == (INDEX_BUDGET.lines, INDEX_BUDGET.bytes)


def test_importing_the_configuration_loads_nothing_heavy() -> None:
    heavy = {
        "numpy",
        "faiss",
        "torch",
        "sentence_transformers",
        "pydantic",
        "difflib",
        "zoneinfo",
        "kairos.model",
    }
    program = f"import sys, kairos.config; raise SystemExit(str({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "set()"

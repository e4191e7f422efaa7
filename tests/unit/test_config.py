from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.config import (
    Config,
    ConfiguredRoot,
    RootConfig,
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

ROOT = Path(__file__).parents[2]
KEYS = st.sampled_from(
    sorted({*keys_of(Config), *keys_of(RootConfig), "lines", "enabled", "absolute", "rots"})
)


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "config.yaml")
    return caught.value.problems


def only_problem_of(text: str) -> str:
    (problem,) = problems_of(text)
    return problem


# --- the example -----------------------------------------------------------------------------------


def key_paths(schema: type[Section], prefix: str = "") -> Iterator[str]:
    for name, hint in keys_of(schema).items():
        yield f"{prefix}{name}"
        if is_section(hint):
            yield from key_paths(hint, f"{prefix}{name}.")


def keys_with_comment(text: str) -> dict[str, bool]:
    """Map the key paths of the YAML `text` to whether a comment stands right above."""
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


def test_the_example_is_the_defaults() -> None:
    assert parse_config(example(), "example") == default_config()


def test_the_example_names_every_key_with_a_comment() -> None:
    documented = keys_with_comment(example())
    assert set(documented) == set(key_paths(Config))
    assert all(documented.values())


def test_the_example_says_the_default_of_every_key() -> None:
    assert yaml.safe_load(example()) == yaml.safe_load(dump(default_config()))


def test_the_example_takes_roots_of_any_name(tmp_path: Path) -> None:
    names = ["notes", 'odd "name": #1', "Wörterbuch", "back\\slash", "dra[ft", "**a*"]
    for name in names:
        (tmp_path / name).mkdir()
    config = parse_config(example([f"~/{name}" for name in names]), "example")
    assert [root.path.name for root in config.roots_expanded(tmp_path)] == names


# --- loading ---------------------------------------------------------------------------------------


def test_a_missing_file_at_the_usual_place_means_the_defaults(tmp_path: Path) -> None:
    assert load_config(None, {"HOME": str(tmp_path)}) == default_config()


def test_the_usual_place_is_read(tmp_path: Path) -> None:
    place = tmp_path / "kairos" / "config.yaml"
    place.parent.mkdir()
    place.write_text("conflicts: keep-newer\n", encoding="utf-8")
    assert load_config(None, {"XDG_CONFIG_HOME": str(tmp_path)}).conflicts == "keep-newer"


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is none") as caught:
        load_config(tmp_path / "missing.yaml", {})
    assert caught.value.source.endswith("missing.yaml")


def test_a_directory_or_other_bytes_are_one_problem(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"# caf\xe9\n")
    for path, reason in ((tmp_path, "cannot be read: Is a directory"), (latin, "byte 5 is not")):
        with pytest.raises(ConfigError, match=reason):
            load_config(path, {})


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "\ufeffroots:\n", "judge:\nindex: {lines: null}\n"]
)
def test_what_is_empty_or_null_is_the_default(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_config(path, {}) == default_config()


def test_dump_loads_to_the_same() -> None:
    config = parse_config(
        "roots: [~/a, {path: /b*, layout: plain, enabled: false}]\n"
        "ignore: ['*.tmp.md', '!ü.md']\njudge: {merge_confidence: 1}\ncache_dir: ~/c\n",
        "text",
    )
    assert parse_config(dump(config), "dump") == config


# --- faults ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("max_file_bytes: 0", "max_file_bytes: expected at least 1, got 0"),
        ("max_file_bytes: 1.5", "max_file_bytes: expected a whole number, got 1.5"),
        ("max_file_bytes: true", "max_file_bytes: expected a whole number, got True"),
        ("conflicts: keep", "conflicts: expected 'flag' or 'keep-newer', got 'keep'"),
        ("conflicts_note: 'yes'", "conflicts_note: expected true or false, got 'yes'"),
        ("prune: true", "prune: expected a mapping of keys to values, got True"),
        ("index: {lines: 3}", "index.lines: expected at least 10, got 3"),
        (
            "limits: {max_removed_fraction: 25}",
            "limits.max_removed_fraction: expected at most 1, got 25",
        ),
        (
            "limits: {max_removed_fraction: 25%}",
            "limits.max_removed_fraction: expected a number, got '25%'",
        ),
        ("judge: {flag_confidence: .nan}", "judge.flag_confidence: expected a finite number, got nan"),
        ("judge: {ask_confidence: -0.1}", "judge.ask_confidence: expected at least 0, got -0.1"),
        (
            "judge: {merge_confidence: 0.5, ask_confidence: 0.6}",
            "judge: expected merge_confidence (0.5) not to be below ask_confidence (0.6)",
        ),
        (
            "state_dir: state",
            "state_dir: expected an absolute path, or one that starts with ~/, got 'state'",
        ),
        ('state_dir: "/a\\0"', "state_dir: expected a path without a NUL character, got '/a\\x00'"),
        (
            "model: {name: ../x y}",
            "model.name: expected a name like all-MiniLM-L6-v2 or owner/model, got '../x y'",
        ),
        ("roots: ~/notes", "roots: expected a list, got '~/notes'"),
        (
            "roots: [notes]",
            "roots[0].path: expected an absolute path, or one that starts with ~/, got 'notes'",
        ),
        ("roots: ['/a[b']", "roots[0].path: expected a closing ] after [, got '/a[b'"),
        ("roots: [{layout: plain}]", "roots[0].path: expected a value, but the key is missing"),
        (
            "roots: [{path: /a, layout: emacs}]",
            "roots[0].layout: expected 'claude-code' or 'plain', got 'emacs'",
        ),
        ("ignore: ['a**b']", "ignore[0]: expected ** to stand alone between slashes, got 'a**b'"),
        ("ignore: ['[z-a]']", "ignore[0]: expected a range in [] that rises, got '[z-a]'"),
        ("ignore: ['[]']", "ignore[0]: expected a closing ] after [, got '[]'"),
        ("ignore: ['[!]']", "ignore[0]: expected a closing ] after [, got '[!]'"),
        ("ignore: ['!']", "ignore[0]: expected a pattern that names something, got '!'"),
        ("ignore: [1]", "ignore[0]: expected text, got 1"),
        ("- roots", "expected a mapping of keys to values, got ['roots']"),
    ],
)
def test_a_wrong_value_names_key_expectation_and_value(text: str, problem: str) -> None:
    assert only_problem_of(text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rots: []", "rots: unknown key; did you mean roots?"),
        ("add_missing: true", "add_missing: unknown key; did you mean index.add_missing?"),
        (
            "model: {allow_downloads: null}",
            "model.allow_downloads: unknown key; did you mean allow_download?",
        ),
        ("roots: [{path: /a, pth: 1}]", "roots[0].pth: unknown key; did you mean path?"),
        ("dates: {qqq: 1}", "dates.qqq: unknown key; expected one of absolute"),
    ],
)
def test_an_unknown_key_gets_a_suggestion(text: str, problem: str) -> None:
    assert only_problem_of(text) == problem


def test_a_key_that_is_no_text_is_unknown() -> None:
    assert only_problem_of("1: 2").startswith("1: unknown key; expected one of roots,")


def test_a_key_that_is_there_twice_is_a_fault() -> None:
    assert only_problem_of("index:\n  lines: 20\n  lines: 20\n") == (
        "line 3: the key 'lines' is there twice, first in line 2"
    )


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("roots: [\n", "line 2, column 1: not readable as YAML"),
        ("a: 'b\n", "line 2, column 1: not readable as YAML"),
        ("a: !!python/name:os.system\n", "line 1, column 4: not readable as YAML"),
        ("? [a]\n: 1\n", "line 1, column 3: not readable as YAML"),
        ("a: \x01\n", "not readable as YAML"),
        ("a: 2026-99-99\n", "not readable as YAML"),
        ("[" * 3000, "not readable as YAML"),
    ],
)
def test_broken_yaml_says_where(text: str, start: str) -> None:
    assert only_problem_of(text).startswith(start)


def test_all_faults_are_reported_at_once() -> None:
    found = problems_of("conflicts: x\nconflicts: y\nroots: [a, 1]\nrots: 1\nindex: {lines: a, bytes: 1}\n")
    assert [problem.split(":")[0] for problem in found] == [
        "line 2",
        "roots[0].path",
        "roots[1]",
        "conflicts",
        "index.lines",
        "index.bytes",
        "rots",
    ]


def test_long_values_are_shortened() -> None:
    assert len(only_problem_of(f"conflicts: {'x' * 5000}")) < 150


def test_what_aliases_nest_is_told_at_once() -> None:
    nested = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 9))
    start = time.process_time()
    found = problems_of(f"x0: &x0 [x]\n{nested}roots: *x8\nignore: *x8\n")
    assert time.process_time() - start < 0.5
    assert max(map(len, found)) < 500


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_value_loads_and_dumps_or_is_explained(data: dict[str, object]) -> None:
    try:
        config = parse_config(yaml.safe_dump(data), "text")
    except ConfigError:
        return
    assert parse_config(dump(config), "dump") == config


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}'\"#&*!|>?,% \n\t0\x00é", max_size=40))
def test_any_text_loads_or_is_explained(text: str) -> None:
    with suppress(ConfigError):
        parse_config(text, "text")


@settings(max_examples=300, deadline=None)
@given(
    pattern=st.text(alphabet="ab/*?[]!-&|~\\^.", max_size=8),
    path=st.text(alphabet="ab/.", min_size=1, max_size=6),
)
def test_a_pattern_that_is_accepted_can_be_used(pattern: str, path: str) -> None:
    try:
        config = parse_config(yaml.safe_dump({"ignore": [pattern]}), "text")
    except ConfigError:
        return
    assert config.is_ignored(path) in (True, False)


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
    named = parse_config("roots: ['~/?/memory', {path: ~/a/memory, enabled: false}]", "text").roots_named(
        home
    )
    assert [(root.path.parent.name, root.enabled) for root in named] == [("a", False), ("b", True)]
    assert roots_of("['~/**/memory']", home) == [".c/memory", "a/memory", "b/memory"]


def test_the_layout_of_a_root_is_that_of_its_line(tmp_path: Path) -> None:
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
        name: config.layout_said(home / name, home)
        for name in ("a/memory", "b/memory", "link", "c/deep/memory", "c/deep", "off", "a")
    }
    assert said == {
        "a/memory": "claude-code", "b/memory": "plain", "link": "plain", "c/deep/memory": "claude-code",
        "c/deep": None, "off": None, "a": None,
    }  # fmt: skip
    assert config.layout_said(home / "b" / ".." / "a" / "memory", home) == "claude-code"


def test_a_root_keeps_its_layout(tmp_path: Path) -> None:
    config = parse_config("roots: [{path: ~/a, layout: plain}, '~', ~/a]", "text")
    assert config.roots_expanded(tmp_path) == (
        ConfiguredRoot(tmp_path / "a", "plain"),
        ConfiguredRoot(tmp_path, None),
    )


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


def test_places_follow_the_environment_and_then_the_home() -> None:
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
def test_no_other_names_of_judge_models_are_taken(name: str) -> None:
    (problem,) = problems_of(f"judge: {{model: {name}}}")
    assert problem.startswith("judge.model: expected ")


def test_importing_it_is_cheap() -> None:
    heavy = {"numpy", "faiss", "torch", "sentence_transformers", "pydantic", "difflib", "zoneinfo"}
    program = f"import sys, kairos.config; raise SystemExit(str({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "set()"

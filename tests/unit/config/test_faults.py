"""All faults of a configuration are reported at once, each by its key."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.config import (
    Config,
    RootConfig,
    dump,
    parse_config,
)
from kairos.config.reader import keys_of
from kairos.errors import ConfigError
from tests.unit.config.problems import only_problem_of, problems_of

KEYS = st.sampled_from(
    sorted({*keys_of(Config), *keys_of(RootConfig), "lines", "enabled", "absolute", "rots"})
)


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
        ("roots: [{layout: plain}]", "roots[0].path: required, but missing"),
        (
            "roots: [{path: /a, layout: emacs}]",
            "roots[0].layout: expected 'claude-code', 'openclaw', 'hermes', 'codex' or 'plain', got 'emacs'",
        ),
        ("ignore: ['a**b']", "ignore[0]: expected ** to stand alone between slashes, got 'a**b'"),
        ("ignore: ['[z-a]']", "ignore[0]: expected an ascending range in [], got '[z-a]'"),
        ("ignore: ['[]']", "ignore[0]: expected a closing ] after [, got '[]'"),
        ("ignore: ['[!]']", "ignore[0]: expected a closing ] after [, got '[!]'"),
        ("ignore: ['!']", "ignore[0]: expected a pattern that names something, got '!'"),
        ("ignore: [1]", "ignore[0]: expected text, got 1"),
        ("- roots", "expected a mapping of keys to values, got ['roots']"),
    ],
)
def test_a_wrong_value_is_reported_with_key_and_expectation(text: str, problem: str) -> None:
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


def test_a_key_that_is_not_text_is_unknown() -> None:
    assert only_problem_of("1: 2").startswith("1: unknown key; expected one of roots,")


def test_a_duplicate_key_is_a_fault() -> None:
    assert only_problem_of("index:\n  lines: 20\n  lines: 20\n") == (
        "line 3: the key 'lines' is given twice, first in line 2"
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
def test_broken_yaml_is_reported_with_its_position(text: str, start: str) -> None:
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


def test_nested_aliases_are_reported_quickly() -> None:
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


@pytest.mark.parametrize(
    "inner", ["/srv/notes/sub", "/srv/notes/sub/", "{path: /srv/notes/sub, enabled: false}"]
)
def test_a_root_inside_another_is_refused(inner: str) -> None:
    problem = only_problem_of(f"roots: [{inner}, /srv/notes]")
    assert problem.startswith("expected separate roots, but /srv/notes/sub")
    assert "is inside /srv/notes:" in problem
    parse_config(f"roots: [{inner}, {{path: /srv/notes, enabled: false}}, /srv/notes2]", "config.yaml")

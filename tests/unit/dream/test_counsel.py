"""Dreams with a language model on loopback: what it may settle, its cost, and how it is reported."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.config import parse_config
from kairos.core.markdown.claims import statement_of_text
from kairos.dream import Mode, Outcome, Status
from kairos.dream.counsel import counsel_of
from kairos.model import Action, ChangeKind, Judgement, Relation, Side
from kairos.report.dream import dream_report
from kairos.report.page import Page
from tests.unit.dream.notes import FILLER

if TYPE_CHECKING:
    from tests.conftest import Bed, Handler, ModelServer

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

HERE, THERE = (
    "Releases are cut from the main branch every Thursday.",
    "Each week's release is taken off main on Thursday.",
)
MAIL, POST = (
    "Invoices are sent to customers by email as PDF files.",
    "Customers get their invoices printed, by post.",
)
KEY, SAME_KEY = (
    "Log in to the wiki with password hunter22 first.",
    "Nobody gets into our wiki page before password hunter22 is typed.",
)
FILES = {
    "ship.md": f"# Shipping\n\n- {HERE}\n- {MAIL}\n- {KEY}\n",
    "notes.md": f"# Notes\n\n- {THERE}\n- {POST}\n- {SAME_KEY}\n{FILLER}",
}
CAREFUL = "judge: {merge_confidence: 0.9, ask_confidence: 0.05, flag_confidence: 1.0}\n"
"""Thresholds with which the judge alone merges nothing: every similar pair is in doubt."""


def llm(server: ModelServer, **keys: object) -> str:
    found = {"provider": "openai", "model": "tiny", "base_url": f"{server.url}/v1", **keys}
    return f"{CAREFUL}llm: {json.dumps(found)}\n"


def sensible(pair: Mapping[str, Any]) -> dict[str, Any]:
    """Answer as a good model would."""
    a, b = pair["a"]["text"], pair["b"]["text"]
    answer = {"id": pair["id"], "relation": "distinct", "newer": None, "reason": "other things"}
    if {a, b} == {HERE, THERE}:
        return {**answer, "relation": "same", "reason": "both: \x1b[31m Thursday"}
    if {a, b} == {MAIL, POST}:
        return {
            **answer,
            "relation": "conflict",
            "newer": "a" if a == POST else "b",
            "reason": "mail or post",
        }
    return answer


@pytest.fixture
def root(bed: MakeBed, model_server: ModelServer) -> Bed:
    made = bed(FILES)
    model_server.rule = sensible
    made.configure(llm(model_server))
    return made


def report_of(outcome: Outcome) -> str:
    stream = io.StringIO()
    dream_report(Page(Console(file=stream, width=110)), outcome, home="")
    return stream.getvalue()


def merged(outcome: Outcome) -> list[str]:
    return [change.subject.text for change in outcome.plan.changes if change.kind is ChangeKind.MERGE]


# --- what it does --------------------------------------------------------------------------------


def test_a_dream_settles_pairs_in_doubt_and_reports_the_cost(root: Bed, model_server: ModelServer) -> None:
    outcome = root.dream()
    assert outcome.status is Status.APPLIED
    (gone,) = merged(outcome)
    assert gone.removeprefix("- ") in (HERE, THERE)
    assert sum(text in root.text(name) for text in (HERE, THERE) for name in ("ship.md", "notes.md")) == 1
    (conflict,) = outcome.plan.conflicts
    assert {conflict.a.text, conflict.b.text} == {f"- {MAIL}", f"- {POST}"}
    assert POST in (conflict.a if conflict.newer == "a" else conflict.b).text
    asked = outcome.consultation
    assert asked is not None
    assert asked.calls == len(model_server.requests) > 0
    assert (asked.tokens_in, asked.tokens_out) == (100 * asked.calls, 20 * asked.calls)
    assert asked.settled >= 2
    text = report_of(outcome)
    assert f"tiny (openai): {asked.settled} pairs settled, {asked.in_doubt} left in doubt." in text
    assert f"{asked.calls} calls, {asked.tokens_in:,} tokens in and {asked.tokens_out:,} out." in text
    assert "tiny says, asked in both orders, that they say the same: both: \\x1b[31m Thursday" in text
    assert "\x1b" not in text


def test_the_second_dream_asks_nothing_and_changes_nothing(root: Bed, model_server: ModelServer) -> None:
    root.dream()
    files, calls = root.files(), len(model_server.requests)
    again = root.dream()
    assert (again.status, root.files(), len(model_server.requests)) == (Status.NOTHING, files, calls)
    assert again.consultation is not None
    assert again.consultation.calls == 0
    assert again.consultation.remembered > 0
    assert len(again.plan.conflicts) == 1


def test_a_preview_shows_what_the_dream_then_does_for_free(root: Bed, model_server: ModelServer) -> None:
    preview = root.dream(Mode.PREVIEW)
    calls = len(model_server.requests)
    outcome = root.dream()
    assert [change.key for change in outcome.plan.changes] == [change.key for change in preview.plan.changes]
    assert len(model_server.requests) == calls


def test_decisions_reuse_the_answers_without_asking_again(root: Bed, model_server: ModelServer) -> None:
    first = root.dream(Mode.ASK)
    calls = len(model_server.requests)
    (key,) = [change.key for change in first.plan.changes if change.kind is ChangeKind.MERGE]
    assert merged(root.kairos.approve(key))
    (conflict,) = first.plan.conflicts
    settled = root.kairos.resolve(conflict.id, "a")
    assert settled is not None
    assert len(model_server.requests) == calls


def test_contradicting_answers_leave_a_pair_to_a_person(root: Bed, model_server: ModelServer) -> None:
    model_server.rule = lambda pair: {**sensible(pair), "relation": "a_contains_b", "newer": None}
    outcome = root.dream()
    assert not merged(outcome)
    assert not outcome.plan.conflicts
    assert outcome.consultation is not None
    assert outcome.consultation.settled == 0
    said = [item.text for decision in root.decisions(outcome) for item in decision.evidence]
    assert any("asked in the other order" in text for text in said)


def test_values_that_differ_are_not_merged_whatever_the_model_says(
    bed: MakeBed, model_server: ModelServer
) -> None:
    made = bed(
        {
            "a.md": "# A\n\n- The API listens on port 8080.\n",
            "b.md": f"# B\n\n- The API listens on port 9090.\n{FILLER}",
        }
    )
    made.configure(llm(model_server))
    outcome = made.dream()
    assert not any("8080" in text or "9090" in text for text in merged(outcome))


@pytest.mark.parametrize("newer", ["a", "b"])
def test_the_judges_newer_side_is_kept_if_the_model_names_none(
    tmp_path: Path, model_server: ModelServer, newer: Side
) -> None:
    model_server.rule = lambda pair: {**sensible(pair), "newer": None}
    counsel = counsel_of(parse_config(llm(model_server), "test"), {}, tmp_path, lambda *_: None)
    assert counsel is not None
    local = Judgement(Relation.CONFLICT, Action.FLAG, 0.5, (), newer=newer, doubtful=True)
    (result,) = counsel.settle([(local, statement_of_text(MAIL), statement_of_text(POST))])
    assert (result.relation, result.action, result.newer) == (Relation.CONFLICT, Action.FLAG, newer)
    assert model_server.requests


def test_a_merge_confidence_above_the_models_certainty_gives_proposals(
    root: Bed, model_server: ModelServer
) -> None:
    root.configure(llm(model_server).replace("merge_confidence: 0.9", "merge_confidence: 0.95"))
    outcome = root.dream()
    assert not merged(outcome)
    assert any(HERE in p.subject.text or THERE in p.subject.text for p in outcome.plan.proposals)


# --- what it never sees ----------------------------------------------------------------------------


def test_decided_pairs_and_passwords_are_never_sent(root: Bed, model_server: ModelServer) -> None:
    root.write("copy.md", f"# Copy\n\n- {FILLER.splitlines()[0].removeprefix('- ')}\n")
    outcome = root.dream()
    sent = "".join(request.user for request in model_server.requests)
    assert "hunter22" not in sent
    assert all(
        {pair["a"]["text"], pair["b"]["text"]} != {"Every backup is encrypted with age."}
        for request in model_server.requests
        for pair in request.pairs
    )
    (skip,) = [skip for skip in outcome.skipped if skip.what == "the language model"]
    assert "what looks like a password or key is never sent" in skip.reason


NO_NETWORK = """
import os, socket, sys
from datetime import UTC, datetime
from pathlib import Path
from kairos.config import parse_config
from kairos.dream import Kairos, Mode
from kairos.store.queries import show
from kairos.store.state import State

opened = []
sys.addaudithook(lambda event, arguments: opened.append(event) if event.startswith("socket.") else None)
kairos = Kairos(parse_config("", "none"), dict(os.environ), datetime(2026, 3, 2, tzinfo=UTC))
outcome = kairos.dream(Path(sys.argv[1]), Mode.UNATTENDED)
assert outcome.consultation is None, outcome
assert kairos.counsel() is None
assert not opened, opened
assert not {"openai", "anthropic"} & sys.modules.keys()
print(len(show(State.open(kairos.state_dir), outcome.dream).decisions))
"""


def test_without_a_provider_no_socket_is_opened(bed: MakeBed) -> None:
    made = bed(FILES)
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, str(made.root)],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


# --- when it fails ---------------------------------------------------------------------------------


def skip_of(outcome: Outcome) -> str:
    reasons = [
        s.reason for s in outcome.skipped if s.what == "the language model" and "password" not in s.reason
    ]
    (reason,) = reasons
    return reason


def busy(handler: Handler, _: dict[str, Any]) -> None:
    handler.send(429, {"error": {"message": "slow down"}}, {"Retry-After": "900"})


def test_a_failing_server_is_reported_and_the_dream_goes_on(root: Bed, model_server: ModelServer) -> None:
    model_server.faults = [busy]
    outcome = root.dream()
    assert "HTTP 429: slow down (and asked to wait 900 seconds)" in skip_of(outcome)
    assert not merged(outcome)
    assert "pairs stay in doubt" in report_of(outcome)
    with root.state() as state:
        (dream,) = state.dreams(str(root.root), limit=1)
        assert any(skip.what == "the language model" for skip in dream.skipped)
        assert dream.stats["language_model"]["calls"] == 1
    model_server.faults = []
    assert merged(root.dream())


def test_an_unreachable_server_is_reported(root: Bed, model_server: ModelServer) -> None:
    root.configure(llm(model_server, base_url="http://127.0.0.1:1/v1"))
    assert skip_of(root.dream()).endswith("http://127.0.0.1:1/v1 cannot be reached")


def test_a_missing_or_malformed_key_is_reported(root: Bed, model_server: ModelServer) -> None:
    root.configure(llm(model_server, api_key_env="KAIROS_TEST_KEY"))
    assert "the environment variable KAIROS_TEST_KEY is not set" in skip_of(root.dream())
    root.kairos.env = {**root.kairos.env, "KAIROS_TEST_KEY": "sch\u00fcssel"}
    assert "the environment variable KAIROS_TEST_KEY does not hold a key" in skip_of(root.dream())
    assert not model_server.requests
    root.kairos.env = {**root.kairos.env, "KAIROS_TEST_KEY": "key-99\n"}
    assert merged(root.dream())
    assert model_server.requests[0].headers["authorization"] == "Bearer key-99"


def test_a_missing_package_is_reported_with_the_command_that_installs_it(
    root: Bed, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    outcome = root.dream()
    assert "the package openai is not installed" in skip_of(outcome)
    assert "pip install 'kairos-dream[llm-openai]'" in " ".join(report_of(outcome).split())
    assert not model_server.requests


def test_a_used_up_budget_is_reported(root: Bed, model_server: ModelServer) -> None:
    root.configure(llm(model_server, max_calls=2, pairs_per_call=1))
    outcome = root.dream()
    assert "llm.max_calls (2) is used up" in skip_of(outcome)
    assert len(model_server.requests) == 2
    assert outcome.consultation is not None
    assert (outcome.consultation.calls, outcome.consultation.settled) == (2, 1)


# --- on the command line -----------------------------------------------------------------------------


@pytest.fixture
def config(home: Path, model_server: ModelServer) -> Path:
    model_server.rule = sensible
    path = home / "config.yaml"
    path.write_text(llm(model_server, price_in=1.0, price_out=5.0), encoding="utf-8")
    return path


def test_judge_asks_the_model_and_reports_it_on_stderr(
    home: Path, config: Path, model_server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("same", HERE, THERE), ("clash", MAIL, POST), ("key", KEY, SAME_KEY), ("equal", HERE, HERE)]
    pairs = home / "pairs.jsonl"
    pairs.write_text(
        "".join(json.dumps({"id": i, "a": a, "b": b}) + "\n" for i, a, b in rows), encoding="utf-8"
    )
    assert run(cli, ["judge", str(pairs), "--config", str(config)]) == 0
    shown = capsys.readouterr()
    found = {value["id"]: value for value in map(json.loads, shown.out.splitlines())}
    assert (found["same"]["relation"], found["same"]["action"]) == (Relation.SAME, Action.MERGE)
    assert (found["clash"]["relation"], found["clash"]["newer"]) == (Relation.CONFLICT, "b")
    assert found["same"]["evidence"][0]["kind"] == "language model"
    assert found["equal"]["evidence"][0]["kind"] == "words"
    assert len(model_server.requests) == 2
    assert "kairos: tiny (openai): 2 pairs settled, 1 left in doubt." in shown.err
    assert re.search(r"kairos: 2 calls, 200 tokens in and 40 out, cost 0\.0004\.", shown.err)
    assert "what looks like a password or key is never sent" in shown.err


def test_show_reports_what_a_dream_spent(
    bed: MakeBed, config: Path, model_server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    root = bed(FILES).root
    assert run(cli, ["dream", str(root), "--yes", "--json", "--config", str(config)]) == 3
    (value,) = json.loads(capsys.readouterr().out)
    spent = value["language_model"]
    assert spent["calls"] == len(model_server.requests)
    assert spent["cost"] == pytest.approx(spent["calls"] * (100 + 20 * 5) / 1_000_000)
    assert run(cli, ["show", str(value["dream"]), "--config", str(config)]) == 0
    assert f"tiny (openai): {spent['settled']} pairs settled" in capsys.readouterr().out
    assert run(cli, ["show", str(value["dream"]), "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["language_model"] == spent

import pytest

from kairos.core.judgement.judge import judge
from kairos.core.planning.conflict_reasons import reason_of_conflict
from kairos.model import Action, Entry, EntryKind, Evidence, Judgement, Relation, Span, Statement


def entry(path: str, text: str) -> Entry:
    return Entry(path, path, Span(0, len(text)), 1, EntryKind.FACT, text, text, "")


def reason(a: str, b: str, *evidence: Evidence, paths: tuple[str, str] = ("a.md", "b.md")) -> str:
    similar = Evidence("similarity", "similarity 0.82", 0.82)
    found = Judgement(Relation.CONFLICT, Action.FLAG, 0.9, (similar, *evidence), clash=(a, b))
    return reason_of_conflict(found, entry(paths[0], a), entry(paths[1], b))


VAGUE = Evidence("names", "they name different people or things")


@pytest.mark.parametrize(
    ("a", "b", "title"),
    [
        ("The lead of the project is Kofi.", "The lead of the project is Ada.", "Kofi ≠ Ada"),
        (
            "The user likes short answers.",
            "The user likes long and detailed answers.",
            "short ≠ long and detailed",
        ),
        ("Ask Berta, the lead.", "Ask Anton, the lead.", "Berta ≠ Anton"),
        (
            "The form posts to https://a.example.org. It is slow.",
            "The form posts to https://b.example.org. It is slow.",
            "https://a.example.org ≠ https://b.example.org",
        ),
        ("The queue runs on Redis", "The queue runs on RabbitMQ.", "Redis ≠ RabbitMQ"),
    ],
)
def test_the_words_that_differ_are_named(a: str, b: str, title: str) -> None:
    lone = Evidence("values", "the second alone has RabbitMQ")
    assert reason(a, b, lone, VAGUE) == title


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "Deploys are done by hand from the laptop of Ada.",
            "Deploys go through the pipeline on every push.",
        ),
        ("Ask Ada, and wait.", "Ask Ada; and wait."),
        ("Squash commits.", "Squash commits before the merge."),
        ("Red.", "Blue."),
    ],
)
def test_otherwise_what_is_known_is_said_or_else_where(a: str, b: str) -> None:
    assert reason(a, b, VAGUE) == VAGUE.text
    assert reason(a, b) == "a.md and b.md contradict each other"
    assert reason(a, b, paths=("a.md", "a.md")) == "two entries of a.md contradict each other"


def test_values_that_clash_come_first_and_vague_words_only_alone() -> None:
    clash, change = Evidence("clash", "80 ≠ 90"), Evidence("wording", 'the first mentions a change: "now"')
    title = reason("It is now 80.", "It is 90.", change, VAGUE, clash)
    assert title == '80 ≠ 90; the first mentions a change: "now"'


def test_the_title_of_a_judged_conflict_is_no_score() -> None:
    a, b = "The office is open on weekends.", "The office is closed on weekends."
    sides = (Statement(a, (a,)), Statement(b, (b,)))
    found = judge(*sides, lambda _one, _other: 0.87)
    assert found.relation is Relation.CONFLICT
    assert reason_of_conflict(found, entry("a.md", a), entry("b.md", b)) == "open ≠ closed"

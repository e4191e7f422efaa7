"""What the judge must never do, whatever the texts and whatever the model says about them."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from kairos.core.judgement.judge import Similarity, Thresholds, decided_early, judge, mirrored
from kairos.core.judgement.pair_context import PairContext
from kairos.core.markdown.claims import statement_of_text
from kairos.core.phrasing.kind_words import UNAFFECTED_BY_NEGATION
from kairos.model import Action, Opinion, Relation

_VOCABULARY = """
the port cache never always is not 8080 9090 90 min 1.5 h `a.py` Imogen staging prod now since moved 17:00 5 pm
2026-03-14 March Monday 端口 不 . ; deploy build ask uses keeps v1.2.3 /etc/app
"""
SURE = Opinion(0.997, 0.001, 0.001, 0.0005, 0.0005)
CHANCES = st.lists(st.floats(0.001, 1), min_size=5, max_size=5).map(lambda c: [x / sum(c) for x in c])
OPINIONS = st.one_of(
    st.none(),
    st.builds(lambda c, x: Opinion(c[0], c[1], c[2], c[3], c[4], x, 1 - x), CHANCES, st.floats(0, 1)),
)
WORDS = st.lists(st.sampled_from(_VOCABULARY.split()), min_size=1, max_size=14)
FRAMES = st.sampled_from(
    [
        "The service listens on {} by default.",
        "Keep {} in mind when the nightly import runs, it was agreed with the whole team.",
        "limit: {}",
        "Retry {} times with 3 workers; this was reviewed on 2026-10-05 at 17:00.",
        "On 5 March two of 12 hosts had {}, the rest 8; see v1.5 and 30 s.",
        "After the outage we agreed on {}; do not change it without asking.",
        "Since 2026 we keep {} copies, as of May.",
        "Am 5.3.2026 um 17:00 waren {} da.",
        "2026-10 had {} runs; Q3 2026 had 5.",
    ]
)
NUMBERS = st.one_of(st.integers(2, 31), st.integers(2019, 2028), st.integers(2, 99_999))
"""Small numbers and years also occur in the frames: a number elsewhere in a text must not stand in for another."""
CONTEXTS = st.builds(
    lambda near, **standing: PairContext(*near, **standing),
    st.sampled_from([(True, True), (True, False), (False, False)]),  # mutual implies nearest
    composed=st.booleans(),
    comparable=st.booleans(),
    different_things=st.booleans(),
    lonely=st.booleans(),
)
CERTAIN = [
    Opinion(0.99, 0.0025, 0.0025, 0.0025, 0.0025),
    Opinion(0.0025, 0.99, 0.0025, 0.0025, 0.0025),
    Opinion(0.0025, 0.0025, 0.99, 0.0025, 0.0025),
    Opinion(0.0025, 0.0025, 0.0025, 0.99, 0.0025),
    Opinion(0.0025, 0.0025, 0.0025, 0.0025, 0.99),
]
"""Opinions of a model that is as sure as can be, one for each relation."""


def similar(score: float) -> Similarity:
    def similarity(one: str, other: str) -> float:
        return 1.0 if one == other else score

    return similarity


@given(WORDS, WORDS, st.floats(-1, 1), OPINIONS)
def test_exchanging_the_sides_mirrors_the_judgement(
    a: list[str], b: list[str], score: float, opinion: Opinion | None
) -> None:
    one, other = statement_of_text(" ".join(a)), statement_of_text(" ".join(b))
    there = judge(one, other, similar(score), opinion=opinion)
    back = judge(other, one, similar(score), opinion=opinion.mirrored() if opinion else None)
    assert back == mirrored(there)


@given(WORDS, OPINIONS)
def test_every_text_is_the_same_as_itself(words: list[str], opinion: Opinion | None) -> None:
    text = " ".join(words)
    found = judge(statement_of_text(text), statement_of_text(text), similar(0.0), opinion=opinion)
    assert (found.relation, found.action) == (Relation.SAME, Action.MERGE)


@settings(max_examples=600)
@example("Retry {} times with 3 workers; this was reviewed on 2026-10-05 at 17:00.", 2, 2026)
@example("On 5 March two of 12 hosts had {}, the rest 8; see v1.5 and 30 s.", 8, 12)
@given(FRAMES, NUMBERS, NUMBERS)
def test_another_number_is_never_merged(frame: str, one: int, other: int) -> None:
    assume(one != other)
    assert _merged(frame, str(one), str(other)) is False


@example("On 5 March two of 12 hosts had {}, the rest 8; see v1.5 and 30 s.", date(2020, 3, 5), 392)
@example("Since 2026 we keep {} copies, as of May.", date(2026, 1, 1), 1)
@example("Am 5.3.2026 um 17:00 waren {} da.", date(2026, 3, 1), 4)
@example("Am 5.3.2026 um 17:00 waren {} da.", date(2026, 3, 5), 31)
@given(FRAMES, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 400))
def test_another_day_is_never_merged(frame: str, day: date, later: int) -> None:
    assert _merged(frame, f"{day}", f"{day + timedelta(days=later)}") is False
    assert _merged(frame, f"{day}", f"{day + timedelta(days=later):%d %B %Y}") is False


@example("The service listens on {} by default.", (0, 1, 11), (0, 11, 1))
@given(FRAMES, *[st.tuples(*[st.integers(0, 30)] * 3)] * 2)
def test_another_version_is_never_merged(
    frame: str, one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    assume(one != other)
    assert _merged(frame, ".".join(map(str, one)), ".".join(map(str, other))) is False


@example("The service listens on {} by default.", "aaaaa", "aaaaa/aaaaa")
@given(FRAMES, *[st.from_regex(r"[a-z]{1,6}(/[a-z_]{1,6}){0,3}(\.[a-z]{1,3})?", fullmatch=True)] * 2)
def test_another_code_span_is_never_merged(frame: str, one: str, other: str) -> None:
    letters, others = ("".join(filter(str.isalpha, text)) for text in (one, other))
    assume(letters != others)  # `a/b_c` and `a/bc` are spellings of one thing
    assert _merged(frame, f"`{one}`", f"`{other}`") is False


def _merged(frame: str, one: str, other: str) -> bool:
    a, b = statement_of_text(frame.format(one)), statement_of_text(frame.format(other))
    return judge(a, b, similar(0.999), opinion=SURE).action is Action.MERGE


@example("On 5 March two of 12 hosts had {}, the rest 8; see v1.5 and 30 s.", 2, 12, "ms")
@given(FRAMES, st.integers(2, 900), st.integers(2, 900), st.sampled_from("ms s min h".split()))
def test_the_same_number_of_another_unit_is_never_merged(frame: str, one: int, other: int, unit: str) -> None:
    assume(one != other)
    assert _merged(frame, f"{one} {unit}", f"{other} {unit}") is False


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "Do not indent with tabs and do not end lines with CRLF.",
            "Indent with tabs and end lines with CRLF.",
        ),
        ("We run Python 3.1 in the lab.", "In the lab, Python 3.10 is what runs."),
        ("The table has 10.000 rows.", "There are 10 rows in the table."),
        ("5 people plan it for 2026-10-05.", "Planned for 2026-11-05, by a team of 5."),
        (
            "Quota: 10 req/s averaged over each minute (600/min)",
            "Quota: 10 req/s averaged over each hour (600/min)",
        ),
        ("Ask Ines before Tariq; Tariq is often away.", "Ask Tariq before Tariq; Tariq is often away."),
        ("The counter moves by 10 km, it was 1 km before.", "The counter moves by 10 m, it was 1 km before."),
    ],
)
def test_a_sure_model_is_not_believed_against_values_negation_and_single_words(a: str, b: str) -> None:
    found = judge(statement_of_text(a), statement_of_text(b), similar(0.97), opinion=SURE)
    assert found.action is not Action.MERGE


def filled(words: list[str], frame: str, tail: str) -> str:
    """A frame filled with words, followed by sentences that another text may share."""
    return f"{frame.format(' '.join(words))} {tail}".strip()


@settings(max_examples=300, deadline=None)
@given(
    *[st.builds(filled, WORDS, FRAMES, st.sampled_from(["", "Ask Imogen. It is old.", "Never on prod."]))]
    * 2,
    st.sampled_from([0.4, 0.55, 0.66, 0.72, 0.82, 0.9, 0.97]),
    CONTEXTS,
    OPINIONS,
)
def test_what_is_foregone_stays_distinct_whatever_a_model_and_the_sentences_say(
    a: str, b: str, score: float, context: PairContext, opinion: Opinion | None
) -> None:
    one, other = statement_of_text(a), statement_of_text(b)
    verdict = decided_early(one, other, similar(score), context, Thresholds())
    assert decided_early(other, one, similar(score), context, Thresholds()) == (verdict and mirrored(verdict))
    event(f"foregone: {verdict is not None}")
    if verdict is None:
        return
    assert (verdict.relation, verdict.action) == (Relation.DISTINCT, Action.NONE)
    for said in (None, opinion, *CERTAIN):
        for like in (-1.0, score, 1.0):

            def similarity(x: str, y: str, of_sentences: float = like) -> float:
                return score if {x, y} == {one.text, other.text} else of_sentences

            found = judge(one, other, similarity, opinion=said, context=context)
            assert (found.relation, found.action) == (Relation.DISTINCT, Action.NONE)


@st.composite
def exchanged_words(draw: st.DrawFn) -> tuple[str, str]:
    """Words for two different members of one kind."""
    kind = draw(st.sampled_from(sorted(UNAFFECTED_BY_NEGATION)))
    members = [
        [phrase.strip() for phrase in member.split(",")] for member in UNAFFECTED_BY_NEGATION[kind].split("|")
    ]
    one, other = draw(st.permutations(members))[:2]
    written = (
        " ".join(draw(st.sampled_from(phrases)).split()).replace("#", "7").replace("@", "Friday")
        for phrases in (one, other)
    )
    return next(written), next(written)


@given(exchanged_words(), st.floats(-1, 1), st.sampled_from(CERTAIN), st.one_of(st.none(), CONTEXTS))
def test_no_word_stands_for_another_of_its_kind(
    words: tuple[str, str], score: float, opinion: Opinion, context: PairContext | None
) -> None:
    one, other = words
    a, b = (
        statement_of_text(f"The lamp {one} shines."),
        statement_of_text(f"What shines {other} is the lamp."),
    )
    found = judge(a, b, similar(score), opinion=opinion, context=context)
    assert found.action is not Action.MERGE

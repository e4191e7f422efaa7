import pytest

from kairos.core.dates.written_days import same_day
from kairos.core.values.missing import missing_days, missing_identifiers, missing_quantities
from kairos.core.values.values import Values, scopes_in, values


@pytest.mark.parametrize(
    "text",
    [
        "due 2026-03-14",
        "due 14 March 2026",
        "due March 14th, 2026",
        "fällig am 14. März 2026",
        "fällig am 14.3.2026",
        "el 14 de marzo de 2026",
        "le 14 mars 2026",
        "2026年3月14日まで",
    ],
)
def test_a_day_is_read_in_many_spellings(text: str) -> None:
    assert values(text).days == {(2026, 3, 14)}


def test_omitted_parts_of_a_date_do_not_count() -> None:
    assert same_day((0, 3, 14), (2026, 3, 14))
    assert same_day((2026, 3, 0), (2026, 3, 14))
    assert not same_day((0, 3, 14), (2026, 3, 15))


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("see https://wiki.example/runbook.", "wiki.example/runbook"),
        ("logs are in /var/log/app", "var/log/app"),
        ("set MAX_RETRIES low", "max_retries"),
        ("call fetchOrders first", "fetchorders"),
        ("blocked by OPS-412", "ops-412"),
        ("the broker is 10.0.7.5:1883", "10.0.7.5:1883"),
        ("pass --dry-run", "--dry-run"),
        ("mail ops@firm.example", "ops@firm.example"),
        ("pinned to 5.1.4", "5.1.4"),
    ],
)
def test_identifiers_are_found_in_prose(text: str, identifier: str) -> None:
    assert identifier in values(text).identifiers


def test_code_is_an_identifier_whatever_it_looks_like() -> None:
    assert "plain" in values("use plain here", ("plain",)).identifiers


def test_an_identifier_in_another_spelling_is_not_missing() -> None:
    one, other = values("run fetch_orders()"), "fetch orders is run"
    assert missing_identifiers(one.identifiers, values(other), other) == ()


def missing(of: str, among: str) -> tuple[Values, Values]:
    return values(of), values(among)


def test_a_number_that_only_one_side_has_is_missing() -> None:
    assert [q.text for q in missing_quantities(*missing("port 8080", "port 9090"))] == ["8080"]


def test_the_article_one_is_missing_only_beside_another_number() -> None:
    assert missing_quantities(*missing("one of the tests is slow", "a test is slow")) == ()
    assert missing_quantities(*missing("needs one dip", "needs three dips"))


def test_another_day_is_missing() -> None:
    assert missing_days(*missing("until 2026-03-14", "until 15 March")) == ((2026, 3, 14),)
    assert missing_days(*missing("until 2026-03-14", "until 14 March")) == ()


@pytest.mark.parametrize(
    "text", ["never push", "don't push", "pusht nicht", "sin cambios", "не трогать", "不要推送", "触らない"]
)
def test_negation_is_counted_in_many_languages(text: str) -> None:
    assert values(text).negations == 1


@pytest.mark.parametrize(
    "text",
    ["the port is no longer 80", "switched to uv", "as of June: 14", "jetzt auf Python 3.12", "已改为周五"],
)
def test_words_of_change_are_counted(text: str) -> None:
    assert values(text).changes > 0


def test_scopes_are_told_apart_by_kind() -> None:
    text = "on staging, under Linux"
    assert values(text).scopes == scopes_in(text) == {("env", "staging"), ("os", "linux")}


def test_names_are_capitalised_words_inside_a_sentence() -> None:
    assert values("Please ask Imogen about it. Then wait.").names == {"imogen"}


def test_a_single_letter_is_not_found_in_the_text() -> None:
    assert missing_identifiers(frozenset({"s"}), values("wait 30 s"), "wait 30 s") == ("s",)
    assert missing_identifiers(frozenset({"sum"}), values("the sum"), "the sum") == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("in the morning, at noon and in the evening", False),
        ("in the morning and at noon", True),
        ("see evening/noon/morning", True),  # another path
    ],
)
def test_a_list_with_slashes_is_named_by_its_words(text: str, *, missing: bool) -> None:
    listed = frozenset({"morning/noon/evening"})
    assert bool(missing_identifiers(listed, values(text), text)) is missing

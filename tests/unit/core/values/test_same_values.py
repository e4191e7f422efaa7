"""Two texts with the same values in other words lack nothing of each other, and a value is read into no text."""

import pytest

from kairos.core.values.missing import differing_quantities, missing_days, missing_identifiers
from kairos.core.values.values import values


def lacking(one: str, other: str) -> bool:
    """Whether either text has a number, a day or an identifier that the other lacks."""
    ours, theirs = values(one), values(other)
    names = (
        *missing_identifiers(ours.identifiers, theirs, other),
        *missing_identifiers(theirs.identifiers, ours, one),
    )
    days = (*missing_days(ours, theirs), *missing_days(theirs, ours))
    return any((*differing_quantities(ours, theirs), names, days))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mercredi à dix-neuf heures", "mercredi, à 7 heures du soir"),
        ("de 23:00 a 3:00", "entre las once de la noche y las tres de la madrugada"),
        ("a las 21 h", "a las nueve de la noche"),
        ("um 20:00", "um acht abends"),
        ("ab 0:00", "ab zwölf Uhr nachts"),
        ("alle 19:30", "alle 7 h 30 di sera"),
        ("visits 14–18 h", "one can visit between 2 and 6 p.m."),
        ("Thu 18–20 h", "Thu, 6–8 p.m."),
        ("16:00 to 17:15", "from four to 5:15 pm"),
        ("stand-up Tue 09:40", "stand-up on Tue at twenty to ten"),
        ("the milk comes at 6:40", "at twenty to seven in the morning the milk comes"),
        ("at 16.15", "at a quarter past four"),
    ],
)
def test_times_of_day_are_the_same(one: str, other: str) -> None:
    assert not lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("le train de 7:00", "le train de sept heures du soir"),
        ("zwei abends", "um 20:00"),
        ("eight to eleven a.m.", "20:00 to 23:00"),
        ("between 2 and 6 p.m.", "2:00 to 18:00"),
        ("cut from twenty to ten", "cut at 9:40"),
        ("at twenty to ten degrees", "at 9:40"),
        ("at five to ten", "at 9:55"),
        ("at 16.15", "at 4:15 am"),
    ],
)
def test_times_of_day_differ(one: str, other: str) -> None:
    assert lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mixed to minus sixteen LUFS", "the mix has -16 LUFS"),
        ("at minus 16 LUFS", "−16 LUFS"),
        ("cooled to -10", "the sensor at minus ten degrees"),
        ("minus 10 °F", "-10 °F"),
        ("rechts minus 3,25 Dioptrien", "rechts minus three and a quarter"),
        ("45p a mile", "£0.45 per mile"),
        ("0.45 a mile", "45p per mile"),
        ("an SMS costs 6.1 euro cents", "€0.061 an SMS"),
        ("eight euros fifty for those who book", "€8.50 if booked"),
        ("two pounds five.", "£2.05"),
        ("the jar is 9 francs 50, in cash", "CHF 9.50 a jar"),
        ("one point nine percent", "1.9 percent"),
        ("on average one point eight.", "average: 1.8"),
        ("null Komma acht im Schnitt", "0,8 im Schnitt"),
        ("1500 mbar", "1.5 bar"),
        ("240 kPa", "2.4 bar"),
        ("lead time 8 wk", "ordered 56 days before"),
        ("un jour et demi", "36 heures"),
        ("dos horas y media", "150 minutos"),
        ("wet food 8 a.m./6 p.m.", "wet food at 08:00 and 18:00"),
        ("pick-up w/o slip", "pick-up without a slip"),
    ],
)
def test_amounts_are_the_same(one: str, other: str) -> None:
    assert not lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("six minus two", "six, −2"),
        ("net minus 2", "net −2"),
        ("minus sixteen LUFS", "16 LUFS"),
        ("minus sixteen LUFS", "−14 LUFS"),
        ("45p a mile", "£45 a mile"),
        ("video at 480p.", "£4.80"),
        ("eight euros fifty people", "€8.50"),
        ("one point two people raised", "1.2 people"),
        ("one point nine percent", "1.8 percent"),
        ("between five and a quarter of the users", "5.25"),
        ("2 bar", "2 kPa"),
        ("un jour et demi", "un jour"),
    ],
)
def test_amounts_differ(one: str, other: str) -> None:
    assert lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("heavy squats Tue/Fri", "Tuesdays and Fridays heavy squats"),
        ("Training Di/Do", "Training ist dienstags und donnerstags"),
        ("the cert is infra/k8s/staging/pub.pem", "the cert is staging/pub.pem under infra/k8s"),
        ("samples are int16", "samples are int16_t"),
        ("trained in bf16", "trained in bfloat16"),
        ("the under-12s play", "the U12 team plays"),
        ("only severity-1 pages", "only sev 1 pages"),
        ("the teenager from number 12", "the teenager from #12"),
        ("job v0.9 runs", "job 0.9 runs"),
        ("it takes effect at once", "it takes effect"),
        ("they told us once more", "they told us"),
    ],
)
def test_names_are_the_same(one: str, other: str) -> None:
    assert not lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("squats Tue/Fri", "squats on Tuesdays"),
        ("the cert is infra/k8s/staging/pub.pem", "the cert is staging/pub.pem under infra/k3s"),
        ("samples are int16", "samples are uint16_t"),
        ("samples are int16", "samples are int32_t"),
        ("trained in bf16", "trained in float16"),
        ("the under-12s play", "the U14 team plays"),
        ("only severity-1 pages", "only sev 2 pages"),
        ("job v0.9 runs", "job 0.8 runs"),
        ("files are PDF/X-4", "files are X-3"),
        ("they told us once", "they told us twice"),
    ],
)
def test_names_differ(one: str, other: str) -> None:
    assert lacking(one, other)


def test_a_designation_is_known_without_its_series() -> None:
    longer = "files are PDF/X-4"
    assert not missing_identifiers({"x-4"}, values(longer), longer)
    assert missing_identifiers({"x-3"}, values(longer), longer)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("injected on 11 and 12 May", "injected over May 11th and 12th"),
        ("open from 11 to 13 April", "open April 11–13"),
        ("vom 11. bis 13. April", "11.–13. April"),
        ("du 11 au 13 avril", "11–13 avril"),
        ("del 11 al 13 de abril", "11-13 de abril"),
        ("on 11 and 12 May 2026", "on 11 May 2026 and 12 May 2026"),
        ("the 11th and 12th", "11 and 12 May"),
    ],
)
def test_days_of_one_month_are_the_same(one: str, other: str) -> None:
    assert not lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("injected on 11 and 12 May", "injected on 12 May"),
        ("from 11 to 13 April", "from 11 to 14 April"),
        ("from 11 to 13 April", "from 10 to 13 April"),
        ("May 11 and 12th June", "May 11th and 12th"),
        ("3 and 2026-05-11", "2026-05-03 and 2026-05-11"),
        ("May 11 and 12 people", "May 11 and 13 people"),
    ],
)
def test_days_of_one_month_differ(one: str, other: str) -> None:
    assert lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("one request in twenty is traced", "traces are sampled at 5 %"),
        ("one in ten users gets it", "a tenth of the users get it"),
        ("one in 100", "trace rate 0.01"),
        ("a grant may be cached for a minute", "a grant stays for 60 s"),
        ("kept for a week", "kept for seven days"),
        ("asked for within a decade", "asked for within ten years"),
        ("salida el 23/4", "salida el 23 de abril"),
        ("15/06 – 15/09", "15 de junio a 15 de septiembre"),
    ],
)
def test_what_only_one_side_spells_out_is_the_same(one: str, other: str) -> None:
    assert not lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("one in ten users", "20 % of the users"),
        ("one build in ten minutes", "10 % of the builds"),
        ("ten, twenty", "50 %"),
        ("kept for a week", "kept for eight days"),
        ("kept 7 days, muted for a week", "kept 30 days, muted for a week"),
        ("muted, a week's work", "muted for 7 days"),
        ("the loan ends 30/11", "the loan ends on 29 November"),
        ("salida el 23/4", "salida el 23 de mayo"),
    ],
)
def test_what_only_one_side_spells_out_differs(one: str, other: str) -> None:
    assert lacking(one, other)

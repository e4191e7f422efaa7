import pytest

from kairos.core.values.quantities import quantities
from kairos.core.values.quantity import Quantity


def only(text: str) -> Quantity:
    (found,) = quantities(text)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 GB", "1024 MB"),
        ("90 min", "1.5 h"),
        ("two weeks", "14 days"),
        ("17:00", "5 pm"),
        ("12:00", "noon"),
        ("half past three", "3:30 pm"),
        ("half an hour", "30 minutes"),
        ("a quarter of an hour", "15 min"),
        ("three quarters of an hour", "45 min"),
        ("half a day", "12 h"),
        ("50 %", "50 percent"),
        ("1,240", "1240"),
        ("1,5 kg", "1500 g"),
        ("€ 60", "60 euros"),
        ("seven", "7"),
        ("-5", "−5"),
        ("30s", "30 seconds"),
        ("0.5", "50 %"),
        ("two fifths", "40 %"),
        ("a quarter of", "25 %"),
        ("zwei Drittel", "two thirds"),
        ("one hundredth", "0.01"),
        ("four times an hour", "15 minutes"),
        ("twice a day", "12 h"),
        ("three times a week", "three"),
        ("5 km", "5000 m"),
        ("1,5 l", "1500 ml"),
        ("75 cl", "0.75 litres"),
        ("350 degrees Fahrenheit", "350 °F"),
        ("20 Grad Celsius", "20 °C"),
        ("1 Gbit", "1000 Mbit"),
        ("2 kWh", "2000 Wh"),
        ("12 inches", "1 ft"),
        ("2 min", "2m"),
        ("half past midnight", "00:30"),
        ("ten in the evening", "22:00"),
        ("eleven at night", "11 pm"),
        ("two at night", "2:00"),
        ("midnight", "0:00"),
        ("1e-3", "0.001"),
        ("2.5e-4", "0.00025"),
        ("1E6", "1,000,000"),
        ("3e−4", "3e-4"),
        ("10 000 km", "10,000 km"),
        ("2 400 000 €", "€2.4M"),
        ("2,4 M€", "2.4 million euros"),
        ("30k€", "€30,000"),
        ("CHF 50", "50 CHF"),
        ("fifteen cents", "€0.15"),
        ("Two dozen", "24"),
        ("five per cent", "5 %"),
        ("half a per cent", "0.5 %"),
        ("two hundred and fifty euros", "250 €"),
        ("two hundred and fifty euros", "250"),
        ("three hundred thousand", "300,000"),
        ("two thousand five hundred grams", "2.5 kg"),
        ("a hundred and one", "101"),
        ("twenty one days", "21 days"),
        ("fünfundzwanzig Minuten", "25 min"),
        ("zweihundert Euro", "200 €"),
        ("treinta y cinco", "35"),
        ("soixante-dix", "70"),
        ("quatre-vingt-dix", "90"),
        ("deux cents euros", "200 €"),
        ("двадцать пять", "25"),
        ("twenty-first", "21st"),
        ("first of the month", "1st"),
        ("anderthalb Stunden", "90 min"),
        ("one and a half hours", "1.5 h"),
        ("an hour and a half", "90 min"),
        ("two thirds of an hour", "40 min"),
        ("a quarter of a year", "three months"),
        ("half a kilo", "500 g"),
        ("4 min 30 s", "270 s"),
        ("3 hours and 45 minutes", "3 h 45 min"),
        ("1h30m", "90 min"),
        ("4m30s", "270 s"),
        ("every other day", "every two days"),
        ("fortnightly", "every two weeks"),
        ("eine halbe Stunde", "30 Minuten"),
        ("twenty past nine", "9:20"),
        ("quarter past seven", "07:15"),
        ("ten minutes to six", "17:50"),
        ("quarter to eight pm", "19:45"),
        ("5:30 in the afternoon", "17:30"),
        ("12 o'clock", "noon"),
        ("10.30 pm", "22:30"),
        ("19.30 Uhr", "19:30"),
        ("13 Uhr 30", "13:30"),
        ("sechs Uhr", "18 Uhr"),
        ("halb acht", "19:30"),
        ("Viertel nach sieben", "7:15"),
        ("7 h 30", "7:30"),
        ("14 h 00", "14 h"),
        ("1 h 30", "01:30"),
        ("1 h 30", "90 min"),
        ("3 h 45 min", "3:45"),
        ("sept heures et demie", "19:30"),
        ("las 8 y media", "20:30"),
        ("alle due e mezza", "14:30"),
        ("14.30", "14:30"),
        ("15", "15:00"),
    ],
)
def test_the_same_amount_in_other_words_is_equal(one: str, other: str) -> None:
    assert only(one).equals(only(other))
    assert only(other).equals(only(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 GB", "1000 MB"),
        ("90 min", "90 h"),
        ("5 am", "5 pm"),
        ("50 %", "50 kg"),
        ("60 €", "60 $"),
        ("5", "-5"),
        ("1.5", "15"),
        ("three", "four"),
        ("noon", "midnight"),
        ("ten in the evening", "10:00"),
        ("two fifths", "30 %"),
        ("5 km", "500 m"),
        ("2 l", "2 ml"),
        ("10 km", "10 m"),
        ("10 m", "10 s"),
        ("500 Mbit", "500 MB"),
        ("4 km", "4 miles"),
        ("16 px", "16 rem"),
        ("350 degrees Fahrenheit", "350 degrees Celsius"),
        ("5 kW", "5 kWh"),
        ("8 oz", "8 lb"),
        ("twice a day", "15 minutes"),
        ("10 000 km", "10 km"),
        ("10 000 km", "1 000 km"),
        ("2,4 M€", "2,4 k€"),
        ("2,4 M€", "2.4"),
        ("€2.4M", "$2.4M"),
        ("fifteen cents", "15 €"),
        ("two hundred", "2"),
        ("two hundred and fifty euros", "two hundred and five euros"),
        ("two hundred", "three hundred"),
        ("twenty-first", "20"),
        ("first of the month", "2nd"),
        ("anderthalb Stunden", "1 h"),
        ("an hour and a half", "an hour and a quarter"),
        ("two thirds of an hour", "2"),
        ("a quarter of a year", "a quarter of a month"),
        ("4 min 30 s", "4"),
        ("4 min 30 s", "4 min 20 s"),
        ("3 h 45 min", "3:40"),
        ("1:30", "90 min"),
        ("1h30m", "1h20m"),
        ("every other day", "every three days"),
        ("twenty past nine", "20:09"),
        ("quarter past seven", "quarter to seven"),
        ("quarter to eight pm", "7:45"),
        ("17 o'clock", "5:00"),
        ("2 Uhr", "14 Uhr"),
        ("halb acht", "8:30"),
        ("halb acht", "20:00"),
        ("las 8 y media", "las 8 y cuarto"),
        ("14.30", "14:20"),
        ("15", "16:00"),
        ("-18", "18 °C"),
    ],
)
def test_other_amounts_differ(one: str, other: str) -> None:
    assert not only(one).equals(only(other))
    assert not only(other).equals(only(one))


def test_a_number_without_unit_equals_the_same_number_with_one() -> None:
    assert only("300").equals(only("300 s"))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("one, two hundred", ["one", "two hundred"]),
        ("ten one-hour sessions", ["ten", "one-hour"]),
        ("twenty and two", ["twenty", "two"]),
        ("ten one", ["ten", "one"]),
        ("1 min, 30 s", ["1 min", "30 s"]),
        ("30 s 1 min", ["30 s", "1 min"]),
        ("in 2026 100 times", ["2026", "100"]),
        ("five to six", ["five", "six"]),
    ],
)
def test_numbers_side_by_side_stay_apart(text: str, written: list[str]) -> None:
    assert [found.text for found in quantities(text)] == written


@pytest.mark.parametrize(
    "text", ["no one", "the new one", "one another", "once the tests pass", "once merged", "whole cents"]
)
def test_a_pronoun_or_conjunction_is_no_quantity(text: str) -> None:
    assert quantities(text) == ()


@pytest.mark.parametrize("text", ["once a day", "one reviewer", "the last one"])
def test_one_and_once_can_be_numbers(text: str) -> None:
    assert only(text).value == 1


def test_numbers_come_in_the_order_of_the_text() -> None:
    assert [found.value for found in quantities("3 pumps, 250 screws and 12 hoses")] == [3, 250, 12]


def test_prose_without_numbers_has_none() -> None:
    assert quantities("Ask before you force-push to a shared branch.") == ()


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("二十三天", 23 * 86400, "time"),
        ("十个", 10, ""),
        ("两小时", 7200, "time"),
        ("一百二十个", 120, ""),
        ("三十分钟", 1800, "time"),
        ("二〇台", 20, ""),
        ("twenty-five", 25, ""),
        ("ninety-nine days", 99 * 86400, "time"),
        ("1.500,50 €", 1500.5, "money:eur"),
        ("1.234.567,8", 1234567.8, ""),
        ("1'000 kg", 1_000_000, "mass"),
    ],
)
def test_numbers_are_read_in_many_notations(text: str, value: float, dimension: str) -> None:
    found = only(text)
    assert found.value == pytest.approx(value)
    assert found.dimension == dimension


def test_numerals_inside_chinese_words_are_ignored() -> None:
    assert quantities("万一出错，统一处理") == ()


def test_numbers_know_their_spans() -> None:
    text = "Up to 1.500,50 € for twenty-five days, 三天, at 17:00"
    assert [text[slice(*found.span)] for found in quantities(text)] == [
        "1.500,50 €",
        "twenty-five days",
        "三天",
        "17:00",
    ]


def test_equal_numbers_are_equal_wherever_they_are() -> None:
    first, second = quantities("5 kg and 5 kg")
    assert first == second
    assert first.span != second.span


@pytest.mark.parametrize(
    "text", ["a third option", "the third quarter", "every third day", "half the budget"]
)
def test_an_ordinal_is_no_quantity(text: str) -> None:
    assert quantities(text) == ()


@pytest.mark.parametrize("text", ["5 third-party libraries", "5 third parties", "five third parties"])
def test_a_number_before_an_ordinal_stays_a_number(text: str) -> None:
    assert only(text).equals(Quantity(5.0, "", "5"))

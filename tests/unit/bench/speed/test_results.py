import json

import pytest

from bench.speed.processes import Cost
from bench.speed.report import tables, values
from bench.speed.results import (
    Case,
    Dream,
    Figure,
    PairedTiming,
    Peer,
    Results,
    Throughput,
    exponent,
    figures,
    growth,
    still,
)
from bench.speed.stages import STAGES, Stamped, seconds_by_stage
from bench.tables import markdown
from kairos.control.progress import Step


def cost(wall: float, peak_mb: float = 100.0) -> Cost:
    return Cost(wall, wall, peak_mb, {"embed": wall / 2}, b"[]")


def results() -> Results:
    found = Results({"cores": "2"}, compiling=(cost(9), cost(2)))
    for entries, cold, warm in (
        (500, 1.0, 0.5),
        (2_000, 4.0, 0.5),
        (20_000, 40.0, 1.0),
        (100_000, 250.0, 4.0),
    ):
        found.dreams.append(Dream(entries, Case.COLD, cost(cold, entries / 100)))
        found.dreams.append(Dream(entries, Case.WARM, cost(warm)))
    found.dreams.append(Dream(20_000, Case.COLD, cost(1.0), "found"))
    found.peers.append(Peer(2_000, "paraphrase_mining", cost(20.0)))
    found.paired.append(PairedTiming(still(20_000), "find", (0.2, 0.9, 0.3), (0.1, 0.1, 0.1)))
    found.throughput = Throughput((300.0, 390.0, 500.0), (100.0, 100.0, 100.0))
    return found


def test_the_exponent_is_the_slope_of_logarithms() -> None:
    assert exponent((10, 3), (1000, 300)) == pytest.approx(1)
    assert exponent((10, 3), (100, 300)) == pytest.approx(2)


def test_growth_is_told_between_neighbouring_sizes_of_generated_directories() -> None:
    cold = [g for g in growth(results()) if g.case is Case.COLD]
    assert [(g.small, g.large) for g in cold] == [(500, 2_000), (2_000, 20_000), (20_000, 100_000)]
    assert [round(g.exponent, 2) for g in cold] == [1.0, 1.0, 1.14]


def test_the_figures_are_ratios_of_measurements() -> None:
    measured = [figure.measured for figure in figures(results())]
    assert measured[0] == pytest.approx(5)  # 20 s of mining, 4 s of a dream
    assert measured[1] == pytest.approx(40)
    assert measured[2] == pytest.approx(3)  # the median of 2, 9, 3
    assert measured[3] == pytest.approx(1.057, abs=0.001)
    assert measured[4] == pytest.approx(5)
    assert measured[6] == pytest.approx(3.9)


def test_a_figure_says_whether_it_is_met() -> None:
    verdicts = [figure.verdict for figure in figures(results())]
    assert verdicts[:4] == ["met", "met", "goal met", "met"]
    assert verdicts[-2:] == ["not measured", "not measured"]
    assert Figure("x", 3, 8, "×", 2.9, at_most=False).verdict == "NOT MET"
    assert Figure("x", 12, 4, "×", 12.1).verdict == "NOT MET"


def test_several_cold_dreams_count_by_their_median() -> None:
    found = Results(dreams=[Dream(10, Case.COLD, cost(wall)) for wall in (5.0, 1.0, 2.0)])
    dream = found.dream(10, Case.COLD)
    assert dream is not None
    assert dream.cost.wall == 2.0
    assert found.dream(10, Case.WARM) is None


def test_a_run_without_measurements_still_has_tables() -> None:
    titles = [table.title for table in tables(Results())]
    assert titles[0].startswith("What is asked for")
    assert all(figure["verdict"] == "not measured" for figure in values(Results())["figures"])


def test_tables_and_json_hold_all_results() -> None:
    text = "\n".join(markdown(table) for table in tables(results()))
    assert (
        "| warm (1 % changed) against cold, 20,000 entries | ≥ 30 × faster | 100 × faster | 40 × faster | met |"
        in text
    )
    assert "| 2,000, paraphrase_mining | 20.00 | 20.00 | 100 | 5.00 |" in text
    found = json.loads(json.dumps(values(results())))
    assert found["dreams"][0]["cost"] == {"wall": 1.0, "cpu": 1.0, "peak_mb": 5.0, "stages": {"embed": 0.5}}
    assert found["encoder_ratio"] == pytest.approx(3.9)


def test_time_after_the_end_of_a_stage_has_its_own_name() -> None:
    told = [
        ("read", 0, 1, 1.0),
        ("read", 1, 1, 1.5),
        ("compile", 0, 1, 2.0),
        ("embed", 0, 9, 4.0),
        ("embed", 5, 9, 6.0),
        ("embed", 9, 9, 9.0),
        ("judge", 0, 3, 10.0),
        ("judge", 3, 3, 12.0),
        ("plan", 0, 1, 12.5),
        ("plan", 1, 1, 13.0),
        ("apply", 0, 1, 13.25),
        ("apply", 1, 1, 14.0),
    ]
    found = seconds_by_stage([Stamped(at, Step(s, done, of)) for s, done, of, at in told], 0.0, 15.0)
    assert found == {
        "start": 1.0,
        "read": 0.5,
        "parse": 0.5,
        "compile": 2.0,
        "embed": 5.0,
        "pair": 1.0,
        "judge": 2.0,
        "rules": 0.5,
        "plan": 0.5,
        "write": 1.0,
        "end": 1.0,
    }
    assert tuple(found) == STAGES
    assert sum(found.values()) == 15.0
    assert seconds_by_stage([], 0.0, 15.0) == {}

"""Of what was arranged for past days, absences with what not to do meanwhile go; the rest is asked about."""

import pytest

from kairos.model import Role
from tests.unit.core.staleness.judged import found, found_in, unattended


@pytest.mark.parametrize(
    "text",
    [
        "Mira is in Vienna from 2026-10-05 to 2026-10-09, no calls, no releases.",
        "Sven will be at the fair from 5 to 9 October 2026 and takes no calls then.",
        "Mira ist vom 5. bis 9. Oktober 2026 in Wien und nimmt keine Anrufe an.",
        "Marta está en Lima del 5 al 9 de octubre de 2026, no llamar.",
        "Rui está em Faro de 5 a 9 de outubro de 2026, sem reuniões.",
        "Giulia è a Torino dal 5 al 9 ottobre 2026, niente riunioni.",
        "Ольга будет в Твери с 5 по 9 октября 2026, не звонить.",
        "老王2026年10月5日至10月9日出差，不要打电话。",
        "Budget freeze in force up to 30 September 2026.",
        "The parking rule is in effect to 30 September 2026.",
    ],
)
def test_what_is_over_goes(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "The crane is rented from 5 to 9 October 2026 for the roof.",
        "Die Bühne ist vom 5. bis 9. Oktober 2026 gemietet.",
        "La nacelle est louée du 5 au 9 octobre 2026 pour la toiture.",
        "La grúa está alquilada del 5 al 9 de octubre de 2026 para el tejado.",
        "Il furgone è noleggiato dal 5 al 9 ottobre 2026.",
        "Кран арендован с 5 по 9 октября 2026.",
        "Ada stands in for Kofi from 5 to 9 October 2026.",
        "Inès remplace Paul du 5 au 9 octobre 2026.",
        "Mira is in Vienna from 5 to 9 October 2026.",
        "Mira is in Vienna from 5 to 9 October 2026, no calls, her locker is number 12.",
        "Mira is in Vienna from 5 to 9 October 2026, no calls in general.",
        "Mira is in Vienna from 5 to 9 October 2026, no releases without her sign-off.",
        "Mira is away from 5 to 9 October 2026, no calls, the bird food is in the cellar.",
        "The server is in maintenance from 3 to 4 May 2026, its rack is B12.",
        "Beta 2 is in testing from 3 May 2026 to 9 June 2026, no releases.",
    ],
)
def test_what_may_be_needed_is_asked_about(text: str) -> None:
    assert found(text)
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mira was in Vienna from 5 to 9 October 2026, no calls.",
        "Mira will be in Vienna from 5 to 9 October 2027, no calls.",
        "Mira is in Vienna every year from 5 to 9 October 2026, no calls.",
        "The logs are in bucket 3 from 2026-01-01 to 2026-03-31.",
        "Data is in Glacier from 2026-01-01 to 2026-03-31, don't delete.",
        "Rates from 1 to 30 June 2026 are in the old table.",
        "Die Messungen sind in Ordner 4 von 2026-01-01 bis 2026-03-31 abgelegt worden.",
        "Ada rented the crane from 5 to 9 October 2026.",
        "The rule on helmets is in force to 30 September 2026 and then becomes law.",
        "The map is up to 2026 standards since 2026-03-01.",
    ],
)
def test_what_stays_is_not_asked_about(text: str) -> None:
    assert not found(text)


def test_a_log_keeps_who_was_where() -> None:
    line = "Mira is in Vienna from 2026-10-05 to 2026-10-09, no calls."
    assert found_in(f"# Team\n\n- {line}\n- The sky is blue.\n")
    assert not found_in(f"# A day\n\n- {line}\n- The sky is blue.\n", "2026-10-01.md", Role.DAILY)
    assert not found_in(f"# Team\n\n## 2026-10-01\n\n- {line}\n- The sky is blue.\n")
    assert not found_in(f"# Team\n\n- 2026-10-01: {line}\n- The sky is blue.\n")


@pytest.mark.parametrize("heading", ["2026-05-02", "Monday, 4 May 2026", "4. Mai", "2026年5月4日"])
def test_entries_under_a_day_are_a_log(heading: str) -> None:
    line = "Talk by Ada at the town library on 12 May 2026 at 18:30, bring the projector."
    assert not found_in(f"# Notes\n\n## {heading}\n\n- {line}\n- The sky is blue.\n")

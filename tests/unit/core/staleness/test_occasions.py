"""A plan for a day that is over goes; a record of what happened stays and is not even asked about."""

import pytest

from kairos.model import Role
from tests.unit.core.staleness.judged import found, found_in, unattended


@pytest.mark.parametrize(
    "text",
    [
        "Aki is on leave from 3 August 2026 to 14 August 2026, don't assign tickets to her.",
        "Open day on 2026-06-13, 10:00–15:00, two tents ordered.",
        "Talk by Ada at the town library on 12 May 2026 at 18:30, bring the projector.",
        "Vortrag im Rathaus am 12. Mai 2026 um 18:30, Beamer mitbringen.",
        "Visite de la serre le 12 mai 2026 à 10 h, prévoir des bottes.",
        "Visita a la bodega el 12 de mayo de 2026 a las 10:00, llevar botas.",
        "Visita à adega em 12 de maio de 2026, às 10:00, levar botas.",
        "Экскурсия в музей в субботу 16 мая 2026, 11:00, взять паспорт.",
        "Flower fair from 8 to 10 May 2026: stall 7, take the long table.",
        "The inspector comes for the visit on 2026-05-12 at 09:00, have the log book ready.",
        "Dentist on 2026-05-12 at 09:00, bring the insurance card.",
        "Flight to Oslo on 2026-05-12, 07:40, gate 12.",
        "Sommerfest am 13. Juni 2026, 15 Uhr, Salate mitbringen.",
        "Maintenance window on 2026-05-12, 22:00–02:00.",
        "The workshop takes place on 12 May 2026 at the town hall.",
        "Der Workshop findet am 12. Mai 2026 statt, bitte Laptop mitbringen.",
        'Tabletop exercise "Cold Gate" takes place 2026-10-14 in room Fjell, please book lunch for 9.',
        "Open evening for families is on 7 October 2026 at 18:00; 60 badges have to be printed for it.",
        "The exam is 2026-05-12 at 10:00, bring a ruler.",
        "L'atelier avec les retraités a lieu le 14 octobre 2026 à la maison des marins.",
    ],
)
def test_what_is_over_goes(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Workshop with the bank on 2026-05-12 at 10:00, Ada owns the follow-up list.",
        "Trip to Oslo from 4 to 9 May 2026, two rooms, code X12.",
        "Hack day is on 9 October 2026 in the canteen, Ada will show pickup without a code there.",
        "The workshop with retired fishers is on 14 October 2026 in the institute, tea for 25.",
        "The cut-over is on 2026-05-12 in two steps.",
        "For the festival on 10 to 12 July the stand needs 22 kegs.",
        "For the audit on 2026-05-12 we need the logs of 2025.",
        "Für das Fest am 10. Juli 2026 braucht der Stand 22 Fässer.",
        "Pour la fête du 10 juillet 2026 il faut 22 fûts.",
        "Para la fiesta del 10 de julio de 2026 hacen falta 22 barriles.",
        "Para a festa de 10 de julho de 2026 o estande precisa de 22 barris.",
        "El fotógrafo viene el 21 de septiembre de 2026, hermanos primero.",
    ],
)
def test_what_may_be_needed_is_asked_about(text: str) -> None:
    assert found(text)
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Workshop on 2026-05-12, use room 4 next time.",
        "Workshop on 2026-05-12 at 10:00, never book room 4 again.",
        "Next meeting is on 2026-12-12 at 10:00, bring the contract.",
        "Workshop on 2026-05-12 at 10:00: result was variant B.",
        "Workshop on 2026-05-12 at 10:00: 14 people, variant B it is.",
    ],
)
def test_what_says_more_does_not_go(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "On 14 March 2026 a retry charged 212 customers twice.",
        "2026-05-12 workshop with the bank, 10:00, bring the contract.",
        "Meeting with Ada on 2026-05-12: budget is 40k.",
        "Meeting with Ada on 2026-05-12: we agreed on 40k.",
        "Concert on 2026-05-12 at 19:00 sold out, 312 tickets.",
        "Ada starts on 2026-05-12 at 09:00, her desk is B12.",
        "The new tariff is in force since 2026-05-12.",
        "The last full inspection was on 2026-05-12 at 10:00.",
        "The last inspection is on 2026-05-12 at 10:00.",
        "Kofi's birthday party is on 12 May.",
        "Release 2.0 is on 2026-05-12, 10:00.",
        "Decision of the board meeting on 2026-05-12 at 10:00: no dogs.",
        "Die Besprechung am 12. Mai 2026 um 10:00 hat Variante B beschlossen.",
        "La réunion du 12 mai 2026 à 10 h a retenu la variante B.",
        "La reunión del 12 de mayo de 2026 a las 10:00 aprobó el plan B.",
        "Flight recorder data on 2026-05-12 at 09:00 shows a stall.",
        "The audit on 2026-05-12 at 10:00 showed three gaps.",
        "The talk on 2026-05-12 is on YouTube.",
        "Ada gave a talk on 2026-05-12 at 10:00.",
        "Slides of the talk on 2026-05-12 are in the drive.",
        "The visit on 2026-05-12 at 10:00 must be repeated each year.",
        "Next audit: three years after the audit on 2026-05-12.",
        "Since the workshop on 2026-05-12 we use NATS.",
        "After the meeting on 2026-05-12, 10:00, the plan is B.",
        "At the meeting on 2026-05-12 at 10:00 plan B won.",
        "Plan B is from the meeting on 2026-05-12, 10:00.",
        "Minutes of the meeting on 2026-05-12, 10:00, in the drive.",
        "See the recording of the talk on 2026-05-12, 45 minutes.",
        "Exam on 2026-05-12: grade 1.3.",
        "Exam on 2026-05-12 at 10:00: grade 1.3.",
        "As of the demo on 2026-05-12, 10:00, search works offline.",
        "Christmas is on 25 December 2025.",
        "The invoice date is on 2026-05-12.",
        "The photo of the cup is on 2026-05-12.",
        "Kofi's name day is on 12 May 2026.",
        "Deployment is on 2026-05-12.",
        "The price is on 2026-05-12 still 40.",
        "The start date is 2026-05-12.",
        "The failed exam on 2026-05-12, 10:00, cost us the grant.",
        "For the audit on 2026-05-12 Ada wrote the checklist.",
        "For exams after 2026-05-12 students need a ruler.",
        "**Session**: 2026-01-14, three files.",
        "The vote passed and the meeting is on 14 October 2026.",
        "Exercise on 2026-05-12 at 07:00, 40 minutes.",
    ],
)
def test_what_stays_is_not_asked_about(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Open day on 2026-09-19 from 10 to 15, thirty benches have to be borrowed from the school.",
        "Demo for the council on 2026-09-03 at 14:00: show the map and the new filter.",
        "Fair on 2026-03-10 at 9:00 in hall 3, print the price list.",
        "Audit on 2026-05-12 between 9 and 12, the visitors' badges have to be printed.",
        "Talk on 2026-05-12 at 18:00; borrow the projector two days before.",
        "Workshop on 2026-05-12 at 9 in the barn, lunch confirmed.",
        "Führung am 19. September 2026 von 11 bis 16, zwanzig Stühle müssen ausgeliehen werden.",
        "Réunion des parents le 19 septembre 2026 à 18 h, il faut emprunter vingt chaises.",
        "Reunión de padres el 19 de septiembre de 2026 a las 18:00, hay que reservar la sala grande.",
        "Reunião de pais em 19 de setembro de 2026 às 18:00, é preciso alugar vinte cadeiras.",
        "Concerto il 19 settembre 2026 alle 18:00, bisogna noleggiare il pianoforte.",
        "Концерт 19 сентября 2026 в 18:00, нужно арендовать рояль.",
    ],
)
def test_what_had_to_be_got_ready_goes_with_the_day(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "The sale of the summer tickets is on 2026-06-05 at 10:00; order 20 extra boxes for it two days before.",
        "Demo for the council on 2026-09-03: show the map with the account `demo-7`.",
        "Meeting with the bank on 2026-05-12 at 10:00, show them account 4711.",
        "Kofi's 50th birthday party is on 2026-09-12 at the mill; Ada wants the cake confirmed a week before.",
        "Boiler check on 5 October 2026 between 8 and 12, somebody has to be at home.",
        "Bootmesse Nord from 2026-08-26 to 2026-08-30: booth A-041 in hall 10.2, Kofi drives the van.",
        "Book fair on 12 March 2026: stand 6C40.",
        "Inspection on 2026-05-12 at 10:00, helmets must be worn in the hall.",
        "Vaccination on 22 April 2026 at 12:30, Ada has the vouchers.",
        "On 24 April 2026 Ada will show the lab to visitors; the robot has to be ready by then.",
        "Open evening on 2026-09-17 from 18:00 to 20:30: tours of the barn, tea by the choir.",
        "Fair from 10 to 12 March 2026: stand 6, Ada and Kofi there, price list printed.",
    ],
)
def test_what_is_not_only_planning_is_asked_about(text: str) -> None:
    assert found(text)
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Training on 2026-05-12: the loss must be scaled by 8.",
        "The release of 2.0 is on 2026-05-12 at 10:00, order pizza.",
        "Ada printed the list for the fair on 2026-05-12.",
        "The sale of the tickets is on 2026-05-12.",
        "Minutes of the meeting on 2026-05-12 from 9 to 12: print them.",
        "Fair on 2026-03-10: 40 visitors, two orders.",
        "Backup on 2026-05-12 at 03:00, the disk must be replaced.",
        "The audit on 2026-05-12 found that badges have to be printed in colour.",
        "On 24 April 2026 the API will answer with 410.",
        "Vaccination on 22 April 2026 at 12:30, Ada has checked the vouchers.",
        "Kofi's birthday is on 2026-09-12 at home, order the cake a week before.",
    ],
)
def test_records_with_something_to_do_are_not_asked_about(text: str) -> None:
    assert not found(text)


def test_a_log_keeps_what_was_planned() -> None:
    line = "Talk by Ada at the town library on 12 May 2026 at 18:30, bring the projector."
    assert found_in(f"# Plans\n\n- {line}\n- The sky is blue.\n")
    assert not found_in(f"# Log\n\n- {line}\n- The sky is blue.\n")
    assert not found_in(f"# A day\n\n- {line}\n- The sky is blue.\n", "2026-05-05.md", Role.DAILY)


def test_a_lead_stays_with_its_list() -> None:
    assert not found_in(
        "# Fair\n\nMeeting with the bank on 2026-05-12 at 10:00:\n\n- Rates rise.\n- No fee.\n"
    )


def test_a_note_of_several_sentences_goes_if_all_are_bound_to_the_day() -> None:
    text = "The choir concert is on Saturday 2026-06-13 in the town hall, 19:00. Bring the blue folders.\n"
    assert found_in(text)[0].unattended
    (one,) = found_in(f"{text}The town hall holds 240 people.\n")
    assert not one.unattended

"""What held until a day, or from one day to another, goes once that is over."""

import pytest

from tests.unit.core.staleness.judged import found, unattended


@pytest.mark.parametrize(
    "text",
    [
        "Jusqu'au 30 juin 2026, le dépôt des colis se fait par la cour.",
        "Hasta el 30 de junio de 2026 las entregas se hacen por el patio.",
        "Until 30 June 2026 the van parks behind the school.",
        "Raspberry jam at £3 as summer special until 2026-08-31.",
        "The offer of two pallets at €40 each stands until 2026-09-01.",
        "Kofi is away from 2026-06-01 to 2026-06-12, send his mail to Ada that week.",
        "The pool is closed from 3 to 14 August 2026.",
        "Das Labor ist vom 3. bis 14. August 2026 geschlossen.",
        "L'atelier est fermé du 3 au 14 août 2026.",
        "La oficina está cerrada del 3 al 14 de agosto de 2026.",
        "O laboratório está fechado de 3 a 14 de agosto de 2026.",
        "Лаборатория закрыта с 3 по 14 августа 2026 года.",
        "The code freeze ends on 2026-05-15.",
        "La puerta lateral está abierta hasta el 30 de abril de 2026.",
        "The north door stays shut until 2026-04-30 because of the scaffolding.",
        "Keep the heating at 17 °C until 2026-04-30.",
        "Code freeze until 2026-04-30, only hot fixes go in.",
        "Until 15 November 2026 Hall 1 is closed because the floor is being sanded.",
        "Hall 1 is closed until 15 November 2026, while the floor is being sanded.",
        "Use the yard gate until 15 November 2026, the front door is being repainted.",
        "Take no groups for table 9 until 15 November 2026, its leg is being mended.",
        "Kofi is on a break until 15 November 2026, keep his slot free.",
        "Saal 1 bleibt bis 15.11.2026 geschlossen, weil der Boden geschliffen wird.",
        "Jusqu'au 15 novembre 2026 la salle 1 est fermée parce qu'on ponce le parquet.",
        "Hasta el 15 de noviembre de 2026 la sala 1 está cerrada porque se está lijando el suelo.",
        "Até 15 de novembro de 2026 a sala 1 está fechada porque o piso está sendo lixado.",
        "Fino al 15 novembre 2026 la sala 1 è chiusa perché si sta levigando il pavimento.",
        "До 15 ноября 2026 зал 1 закрыт, потому что ремонтируют пол.",
        "Because of the boiler repair Year 2 is taught in the library until 23 October 2026.",
        "En raison des travaux la salle 1 reste fermée jusqu'au 15 novembre 2026.",
    ],
)
def test_what_is_over_goes(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "From 1 June until 31 August 2026 Kofi covers the night shift for Ada.",
        "Use gate B until 2026-05-01 because gate A is permanently closed.",
        "Use gate B until 2026-05-01 because Ada is always away on Fridays.",
        "Use port 8081 until 2026-09-01 because Kofi does not know Rust.",
        "No schema changes until 31 August 2026 because the auditors compare snapshots.",
        "Saal 1 bleibt bis 15.11.2026 geschlossen, weil dort die Rechnungen gedruckt werden.",
        "The hall is closed until 15 November 2026 because the floor is being sanded and the code is 4712.",
        "The hall is closed until 15 November 2026 because the floor is being sanded; ask Ada.",
        "The hall is closed until 15 November 2026 because the floor is being sanded every autumn.",
        "Because of the works council the doors stay open until 23 October 2026.",
        "The hall is closed until 15 November 2026 because the floor is being sanded by Mensah Ltd.",
    ],
)
def test_what_may_be_needed_is_asked_about(text: str) -> None:
    assert found(text)
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "The contract ends on 2026-05-15.",
        "Data from 2026-01-01 to 2026-03-31, use it for training.",
        "Trades from 2026-01-01 to 2026-03-31, don't delete.",
        "Backtest runs from 2026-01-01 to 2026-03-31, use seed 42.",
        "Freeze windows from 2026-01-01 to 2026-03-31 are excluded from the SLA.",
        "Hasta el 30 de abril de 2026 usábamos el servidor viejo.",
        "Jusqu'au 30 avril 2026 on utilisait l'ancien serveur.",
        "Até 30 de abril de 2026 usávamos o servidor antigo.",
        "Fino al 30 aprile 2026 usavamo il vecchio server.",
        "Hasta el 30 de abril de 2026 hay que presentar el informe.",
        "Jusqu'au 30 avril 2026 il faut rendre le rapport.",
        "Keep the flag until 2026-03-01 because of bug 4711.",
        "Until 2026-03-01 Ada led the team.",
        "Until 2026-03-01 the shop sold bread.",
        "Accounts created until 2026-05-01 are on the old plan.",
        "Notes written until 2026-05-01 are in the old format.",
        "Kofi is on leave from 2026-06-01 to 2026-06-12, Ada leads the team.",
        "The pool is closed from 3 to 14 August 2026, the new code is 4711.",
        "The pool is closed from 3 to 14 August 2026 every year.",
        "The course runs from 2026-05-01 to 2026-06-30, 40 € per head.",
        "Alles bis 2026-05-01 Gemeldete wird noch bezahlt.",
        "Postgres 13 until 2026-05-01.",
        "Head of QA until 2026-05-01: Ada.",
        "Ada ran the shop until 2026-05-01.",
        "The gate code is 4711 until 2026-05-01, then 4712.",
    ],
)
def test_what_says_more_does_not_go(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "The logs from 2026-05-01 to 2026-06-30 are in bucket b3.",
        "The backtest covers 2026-01-01 to 2026-03-31.",
        "Training data: 2026-01-01 – 2026-03-31, 4.2 M rows.",
        "Outage from 2026-05-01 to 2026-05-03, disks full.",
        "The server was down from 2026-05-01 to 2026-05-03.",
        "Ada worked at the bank from 2026-01-01 to 2026-06-30.",
        "Tickets sold until 2026-05-01 are refunded.",
    ],
)
def test_what_stays_is_not_asked_about(text: str) -> None:
    assert not found(text)

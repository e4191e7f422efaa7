"""A task and its completion go once their days are over; a completion that tells more waits."""

import pytest

from kairos.model import Role
from tests.unit.core.staleness.judged import found, found_in, unattended


@pytest.mark.parametrize(
    "text",
    [
        "TODO by 2026-05-01: order the new filters. Ordered on 27 April.",
        "TODO: order the new filters by 2026-05-01. Done on the 27th.",
        "Return the loan laptop before 5 June 2026 (returned on the 3rd).",
        "To do before 2026-03-01: renew the parking permit. (Renewed on 26 February by Ada.)",
        "Task: file the VAT return by 2026-07-20. Filed.",
        "The abstract has to be in by 2026-02-15. (Submitted by Kofi on 14 February.)",
        "Aufgabe bis 30.06.2026: Reisekosten einreichen. Am 28. erledigt.",
        "Zu erledigen bis zum 15. Mai 2026: Zählerstand melden. Erledigt am 12. Mai.",
        "Bis 1. September 2026 das Formular abgeben. Abgegeben am 30. August.",
        "À faire avant le 12 mai 2026 : renvoyer le bon de commande. Renvoyé le 10.",
        "À faire : payer la taxe avant le 15 octobre 2026. Payée le 12 octobre.",
        "Pendiente: renovar el seguro del coche antes del 1 de junio de 2026. Renovado el 28 de mayo.",
        "Por hacer antes del 3 de marzo de 2026: pagar la cuota. Hecho.",
        "Pendente: enviar o relatório até 10 de abril de 2026. Enviado no dia 8.",
        "A fazer até 2026-05-10: trocar o filtro. Feito em 2026-05-08.",
        "Сделать до 2026-06-01: продлить страховку. Сделано 28 мая.",
        "Задача: отправить отчёт до 15 мая 2026. Отправлено 14 мая.",
        "待办：2026-06-30 之前提交报销单（6 月 25 日已提交）。",
        "待办：在2026年5月1日之前续费域名。已续费。",
        "やること：2026年6月30日までに申請書を提出。（6月28日提出済み）",
        "Return the loan laptop before 5 June 2026 — done on the 3rd.",
        "Return the loan laptop before 5 June 2026, returned on 3 June.",
        "Return the loan laptop before 5 June 2026 [done 2026-06-03].",
        "Done on 2026-06-03: return the loan laptop before 5 June 2026.",
        "Erledigt am 3.6.2026: Leihgerät bis 05.06.2026 zurückgeben.",
        "Send the corrected inventory to the lenders by 2026-05-20 (sent on 2026-05-18).",
        "Write the minutes of the board by 12 May 2026. Written on the 10th.",
        "TODO until 4 September 2026: page about the burst pipe – written on 31 August, done.",
        "To do before 2026-09-01: service 12 half-size easels – all done on 27 August.",
        "The loan ladder has to go back by 31 October 2026; it was returned on the 28th.",
    ],
)
def test_what_is_over_goes(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Decide on the supplier by 2026-05-01: Printo. Decided on 27 April.",
        "TODO by 2026-05-01: raise the pool limit to 400. Done on 27 April.",
        "TODO by 2026-05-01: order filters, the old size was wrong. Done.",
        "TODO by 2026-05-01: tell Ada that the code is 510. Done on the 30th.",
        "Proposals must reach Ada by 2026-05-01.",
        "The slides have to be ready by 2026-05-01.",
        "The form is due on 2026-05-01.",
        "To do: send the passport form to the council by 31 March 2026.",
        "TODO (2026-03-31): call the bank.",
        "To do on 1 May 2026: call the bank.",
        "To do by 2026-05-01: ask Ada for the code (she says 4711).",
        "Zu erledigen: Antrag an das Amt bis 31.03.2026 schicken.",
        "À faire : payer la taxe avant le 15 octobre 2026.",
        "Por hacer: enviar el formulario antes del 31 de marzo de 2026.",
        "Da fare: inviare il modulo entro il 31 marzo 2026.",
        "待办：2026-06-30 之前提交报销单。",
        "やること：2026年3月31日までに申請書を送る。",
    ],
)
def test_what_may_be_needed_is_asked_about(text: str) -> None:
    assert found(text)
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "TODO by 2026-05-01: order the new filters. Done, but two were broken.",
        "TODO by 2026-05-01: order the new filters. Done on 27 April, invoice 4711.",
        "TODO by 2026-05-01: order the new filters. Rejected on 27 April.",
        "TODO by 2026-05-01: ask for a rebate. Asked, they refused.",
        "TODO by 2026-05-01: order the new filters. Not done.",
        "TODO by 2026-05-01: order the new filters. Half done.",
        "TODO by 2026-12-01: order the new filters. Done on 27 April.",
        "Invoices are paid by 2026-05-01. Done means booked.",
        "Tasks done before 2026-05-01 are archived. Finished.",
        "待办：2026-06-30 之前提交报销单（6 月 25 日已拒绝）。",
        "待办：2026-06-30 之前提交报销单（6 月 25 日已取消）。",
        "待办：2026-06-30 之前提交报销单（还没完成）。",
        "Return the loan laptop before 5 June 2026 — done, but the bag is missing.",
        "Return the loan laptop before 5 June 2026, returned to the wrong office.",
        "Done on 2026-06-03: moved the database to eu-3.",
        "Ring Ada before 5 June 2026, pick up the keys.",
        "Fixed before 2026-06-05: renew.",
        "The rule applies before 2026-06-05. Changed on 2026-06-03.",
        "The rule applies before 2026-06-05, changed on 2026-06-03.",
        "The gate opens before 2026-06-05. Fixed on 2026-06-03.",
    ],
)
def test_what_says_more_does_not_go(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Everybody who joined before 2026-05-01 keeps the old contract.",
        "Files created before 2026-05-01 have to be read as Latin-1.",
        "Task queue: jobs from before 2026-05-01 are purged.",
        "Todo list: see board 4, last cleaned by Ada on 2026-05-01.",
        "Todo app: the free plan ends by 2026-05-01.",
        "Task: never deploy before 2026-05-01.",
        "To do: send the form to the council by 31 March 2027.",
        "To do: the limit of 2026-05-01 is 40.",
    ],
)
def test_what_stays_is_not_asked_about(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize(
    "text",
    [
        "TODO Kofi: renew the certificate by 2026-05-14.",
        "TODO(kofi): renew the certificate by 2026-05-14.",
        "TODO @ada: send the list by 2026-05-14",
        "To do (Ada and Ruth): send the list before 2026-05-14.",
        "To do by 2026-05-22: send the application, with the accounts of 2025 attached.",
        "To do: take the van to the garage in Bath on 2026-06-04 with the old tyres.",
        "The pump for the pond has to be switched on on 14 September 2026 at 9:00.",
        "Aufgabe Kofi: den Antrag bis 14. Mai 2026 abschicken.",
        "À faire (Léa) : envoyer le dossier avant le 14 mai 2026.",
        "Pendiente, Inés: enviar la lista antes del 14 de mayo de 2026.",
        "Tarefa da Ana: enviar a lista até 14 de maio de 2026.",
        "Da fare: portare il modulo in comune il 4 giugno 2026.",
        "Задача Олега: отправить отчёт до 14 мая 2026.",
        "待办（小王）：2026-05-14 之前提交报销单。",
    ],
)
def test_an_open_task_whose_day_is_over_is_asked_about(text: str) -> None:
    assert found(text)
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "TODO: fix the crash that appeared on 2026-06-04.",
        "Prints sent out before 2026-05-20 (sent by Ada) have no number.",
        "TODO: read the log written on 2026-06-04.",
        "TODO Kofi: send the form on 4 June 2027.",
        "The gate has to be closed every evening on 2026-06-04.",
        "Users have to accept that rows on 2026-06-04 are missing.",
        "Rows must match the schema on 2026-06-04, see `x.sql`.",
        "Todo list: rows by 2026-05-01 are purged.",
        "The key has to be returned if it was lost on 2026-06-04.",
    ],
)
def test_a_day_of_something_else_is_no_deadline(text: str) -> None:
    assert not found(text)


def test_a_log_of_a_day_keeps_its_tasks() -> None:
    line = "TODO Kofi: renew the certificate by 2026-05-14."
    assert not found_in(f"# A day\n\n- {line}\n- The sky is blue.\n", "2026-05-05.md", Role.DAILY)

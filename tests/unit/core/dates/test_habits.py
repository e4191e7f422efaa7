"""A relative day in a sentence about something recurring is not a calendar day."""

import pytest

from kairos.core.dates.habits import is_habit
from tests.unit.core.dates.test_relative import rewritten


@pytest.mark.parametrize(
    "text",
    [
        "The dashboard shows the sales of yesterday.",
        "The cron job processes yesterday at 2:00.",
        "The import job loads the orders from yesterday.",
        "The bot announces who is on call tomorrow.",
        "The chart compares today with yesterday.",
        "KPI: revenue vs last year.",
        "Growth is measured against last month.",
        "Tokens from yesterday are rejected.",
        "At the round each of us says what he did yesterday.",
        "The form asks what went well today and what is planned for tomorrow.",
        "Everybody brings the cups of yesterday to the sink.",
        "We keep the snapshots of last week.",
        "Default range: last week.",
        "Title: Last Year at Marienbad.",
        "Our slogan: tomorrow starts here.",
        "The default range of the report is last week.",
        "The option last month selects the month before.",
        "The parser understands yesterday, next week and in two days.",
        "Reminder words: tomorrow, next week, next month.",
        "Whoever types tomorrow gets a task for that day.",
        "The test freezes the clock at yesterday.",
        "The invoice is dated yesterday.",
        "Der Filter gestern zeigt die Umsätze.",
        "Der Job verarbeitet gestern.",
        "Отчёт показывает данные за вчера.",
        "定时任务处理昨天的订单。",
        "报表显示昨天的数据。",
        "昨日の売上を表示する。",
    ],
)
def test_recurring_events_are_left_alone(text: str) -> None:
    assert rewritten(f"- {text}\n") == f"- {text}\n"


@pytest.mark.parametrize(
    "text",
    [
        "The report was sent yesterday.",
        "Yesterday the dashboard showed wrong numbers.",
        "Ran the export job yesterday.",
        "The parser crashed last week.",
        "The import failed last night because of a full disk.",
        "The new laptop arrives next week.",
        "User asked yesterday for shorter answers.",
        "Gestern wurde das Release verschoben.",
        "昨天部署了 v3。",
    ],
)
def test_a_single_event_is_no_habit(text: str) -> None:
    assert not is_habit(text)
    assert rewritten(f"- {text}\n") != f"- {text}\n"

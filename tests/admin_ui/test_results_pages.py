"""Results of rules and placements: the sums that the page shows, by version and period, and the chart beside them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from admin_ui.results.charts import Series, ceiling, stacked
from admin_ui.results.figures import PERIODS, figures, share
from decisioning.models import HourlyResult
from decisioning.results import hour_of
from rules import words
from rules.models import Item

pytestmark = pytest.mark.django_db
PLACEMENT, RULE = "banner", "loyal"


@pytest.fixture
def served(db):
    """Two versions of a rule, a fallback and what followed, some hours ago and last week."""
    now = timezone.now()
    rows = [
        (1, RULE, 1, "decision", "matched", 40),
        (1, RULE, 2, "decision", "matched", 60),
        (1, RULE, 2, "decision", "capped", 10),
        (1, "", 0, "decision", "fallback", 90),
        (1, RULE, 1, "event", "Decision Clicked", 4),
        (1, RULE, 2, "event", "Decision Clicked", 12),
        (1, RULE, 2, "event", "Order Completed", 3),
        (1, RULE, 0, "passed", "", 15),
        (100, RULE, 1, "decision", "matched", 1000),
    ]
    for hours, rule, version, kind, name, count in rows:
        HourlyResult.objects.create(
            hour=hour_of(now - timedelta(hours=hours)), workspace="shop", placement=PLACEMENT, rule=rule,
            rule_version=version, kind=kind, name=name, count=count,
        )  # fmt: skip
    return now


def test_a_rules_versions_stand_side_by_side_with_what_followed_each(served):
    found = figures("shop", "rule", RULE, PERIODS["24h"], served)

    assert [(row.version, row.decisions, row.clicked.percent) for row in found.rows] == [(2, 60, "20%"), (1, 40, "10%")]
    assert (found.decisions, found.of_all.percent, found.passed) == (100, "50%", 15)
    assert found.conversions == ["Order Completed"]


def test_a_placements_rules_share_its_decisions_with_the_fallback(served):
    found = figures("shop", "placement", PLACEMENT, PERIODS["24h"], served)

    assert [(row.rule, row.version, row.decisions) for row in found.rows] == [(RULE, 2, 60), (RULE, 1, 40), ("", 0, 100)]
    assert found.decisions == 200
    assert [(one.part, one.percent) for _, one in found.outcomes] == [(100, "50%"), (90, "45%"), (10, "5.0%")]


def test_a_longer_period_counts_what_is_older(served):
    assert figures("shop", "rule", RULE, PERIODS["7d"], served).decisions == 1100


def test_other_workspaces_decisions_are_not_counted(served):
    assert figures("other", "rule", RULE, PERIODS["7d"], served).decisions == 0


def test_the_chart_and_its_table_say_the_same(served):
    chart = figures("shop", "placement", PLACEMENT, PERIODS["24h"], served).chart

    assert [values for _, values in chart.rows if any(values)] == [[100, 100]]
    assert [bar.words.partition(": ")[2] for bar in chart.bars] == ["100 decided by a rule", "100 with the fallback"]
    assert len(chart.rows) == 24


@pytest.mark.parametrize(("kind", "queries"), [("rule", 3), ("placement", 2)])
def test_however_much_there_is_the_figures_take_as_many_queries(served, django_assert_num_queries, kind, queries):
    with django_assert_num_queries(queries):
        figures("shop", kind, RULE if kind == "rule" else PLACEMENT, PERIODS["30d"], served)


def test_the_page_of_a_placement_shows_them(pages, served):
    placement = Item.objects.filter(kind="placement").first()
    HourlyResult.objects.update(placement=placement.key)

    page = pages.get(f"/admin/results/{placement.pk}/?period=24h").content.decode()

    assert "<dd>200</dd>" in page
    assert "Order Completed" in page
    assert 'role="img"' in page
    assert "style=" not in page


def test_the_outline_and_the_table_of_rules_say_how_often_each_won_lately(pages, served):
    HourlyResult.objects.filter(rule=RULE).update(rule="bought")

    outline = pages.get("/admin/rules/rule/?workspace=shop").content.decode()
    table = strip_tags(pages.get("/admin/rules/rule/table/?workspace=shop").content.decode())

    assert outline.count("won 100 in 24 hours, 1,100 in 7 days") == 1
    assert outline.count("in 24 hours") == 1
    assert table.count("100 / 1,100") == 1


def test_without_decisions_the_page_says_what_to_do(pages):
    rule = Item.objects.filter(kind="rule").first()

    page = pages.get(f"/admin/results/{rule.pk}/?period=nonsense").content.decode()

    assert "This rule decided nothing" in page


def test_a_thing_of_another_kind_has_no_results(pages):
    assert pages.get(f"/admin/results/{Item.objects.filter(kind='tag').first().pk}/").status_code == 404


def test_few_decisions_make_a_wide_interval():
    # As R's binom.confint(3, 10, method = "wilson") and (300, 1000) give it.
    assert share(3, 10).interval == "11% to 60%"
    assert share(300, 1000).interval == "27% to 33%"
    assert share(0, 0).percent == words.NOTHING


@pytest.mark.parametrize(
    ("highest", "scale"), [(0, 2), (1, 2), (3, 4), (9, 10), (10, 10), (11, 20), (41, 60), (99, 100), (100, 100), (101, 200)]
)
def test_the_scale_ends_with_a_round_even_number_at_or_above_the_highest_bar(highest, scale):
    assert ceiling(highest) == scale


def test_bars_on_top_of_each_other_fill_the_height_they_stand_for():
    chart = stacked(["a", "b"], [Series("x", "bar-won", [4, 0]), Series("y", "bar-other", [0, 2])])

    assert [(bar.height, bar.look) for bar in chart.bars] == [("140.0", "bar-won"), ("70.0", "bar-other")]

"""Pictures of flows: everything is in them, nothing lies on anything else, and nothing in them can do harm."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from ashop_core.flow_chart import Chart, chart_of, mermaid
from ashop_core.flow_layers import back_steps, ranks_of
from ashop_core.flow_layout import BELOW, Box, lay_out
from ashop_core.flow_picture import laid_out, svg
from ashop_core.models import Stage
from ashop_core.text_width import text_width, wrapped
from ashop_core.texts import Text

OWN = """
[statuses.quality_check]
label = { sv = "Kvalitetskontroll", en = "Quality check" }
after = ["reviewed"]
before = ["shipped"]

[statuses.waiting_for_goods]
label = { sv = "Väntar på varor från leverantören i Småland", en = "Waits for goods from the supplier" }
customer_label = { sv = "Restnoterad", en = "Back order" }
after = ["received"]
before = ["reviewed"]
notify = ["email"]

[statuses.lost]
label = { sv = "<b>\\"Borta\\" & borta</b>", en = "Lost </text><script>alert(1)</script>" }
stage = "void"
stock = "free"
final = true
after = ["shipped"]

[[transitions]]
from = "quality_check"
to = "reviewed"
"""
FLOWS = [["post"], ["pickup"], ["installation"], ["post", "pickup", "installation"]]


@pytest.fixture(params=["", OWN], ids=["as it ships", "three statuses of its own"])
def shop(make_shop, request):
    return make_shop("email", "sms", "installation_booking", toml=request.param)


@pytest.fixture(params=FLOWS, ids="+".join)
def chart(shop, request):
    return chart_of(shop.flows, request.param, {c: channel.label for c, channel in shop.channels.items()})


def test_no_two_boxes_overlap(chart):
    for language in ("sv", "en"):
        boxes = laid_out(chart, language).boxes

        assert set(boxes) == {s.code for s in chart.statuses}
        assert not [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])]


def test_no_line_crosses_a_box(chart):
    layout = laid_out(chart, "sv")

    for line in layout.lines:
        for n, ((x, y), (to_x, to_y)) in enumerate(pairwise(line.points)):
            # Between ranks a line bends inside its strip; past a rank it is straight. Neither may touch a box.
            span = Box(min(x, to_x), min(y, to_y) + 1, abs(to_x - x) + 1, abs(to_y - y) - 1)
            assert not [code for code, box in layout.boxes.items() if span.overlaps(box)], (line, n)
            assert x == to_x if n % 2 else abs(to_y - y) >= BELOW


def test_everything_is_inside_the_picture(chart):
    layout = laid_out(chart, "sv")

    corners = [(b.x, b.y) for b in layout.boxes.values()] + [
        (b.right, b.bottom) for b in layout.boxes.values()
    ]
    for x, y in [*corners, *(point for line in layout.lines for point in line.points)]:
        assert 0 <= x <= layout.width
        assert 0 <= y <= layout.height


def test_every_status_and_every_step_is_in_the_picture(chart):
    root = _parsed(svg(chart, "sv"))
    layout = laid_out(chart, "sv")

    codes = [e.text for e in _all(root, "text", "code")]
    assert sorted(codes) == sorted(s.code for s in chart.statuses)
    assert {(line.source, line.target) for line in layout.lines} == set(chart.steps)
    drawn = [e for e in _all(root, "path") if e.get("class") in ("step", "back") and e.get("d") != "M0 8H18"]
    assert len(drawn) == len(chart.steps)


@pytest.mark.parametrize("wanted", FLOWS, ids="+".join)
def test_a_chart_has_what_its_flows_have(shop, wanted):
    chart = chart_of(shop.flows, wanted, {})

    assert {s.code for s in chart.statuses} == {s.code for flow in wanted for s in shop.flows.of_flow(flow)}
    assert set(chart.steps) == {
        (s.code, target)
        for flow in wanted
        for s in shop.flows.of_flow(flow)
        for target in shop.flows.targets(flow, s.code)
    }


def test_the_words_of_each_status_are_told_to_who_cannot_see(chart):
    root = _parsed(svg(chart, "en"))

    told = next(e.text for e in root if e.tag.endswith("desc"))
    assert root.get("role") == "img"
    assert next(e.text for e in root if e.tag.endswith("title")) == chart.title.en
    for status in chart.statuses:
        assert status.label.en in (told or "")


def test_every_label_is_escaped_and_nothing_can_run(make_shop):
    shop = make_shop("email", "sms", toml=OWN)
    chart = chart_of(shop.flows, ["post"], {})

    for language in ("sv", "en"):
        drawn = svg(chart, language)
        tags = {e.tag.rpartition("}")[2] for e in _parsed(drawn).iter()}
        assert tags <= {
            "svg", "title", "desc", "style", "defs", "symbol", "marker", "path", "circle", "rect", "g", "text", "use",
        }  # fmt: skip
        assert "<script" not in drawn
        assert "<b>" not in drawn
        assert not re.search(r"(href|src|url)\s*[=(]\s*[\"']?(?!#)\w", drawn)
        assert drawn.count("http") == drawn.count('xmlns="http://www.w3.org/2000/svg"')


def test_the_same_flow_gives_the_same_bytes(chart):
    again = Chart(title=chart.title, statuses=chart.statuses, steps=chart.steps, labels=replace(chart.labels))

    assert svg(chart, "sv") == svg(again, "sv")
    assert svg(chart, "sv") != svg(chart, "en")


def test_the_checkout_stands_apart_above_everything_else(chart):
    boxes = laid_out(chart, "sv").boxes

    hidden = [boxes[s.code].bottom for s in chart.statuses if s.stage is Stage.CHECKOUT]
    others = [boxes[s.code].y for s in chart.statuses if s.stage is not Stage.CHECKOUT]
    assert max(hidden) + BELOW < min(others)
    drawn = svg(chart, "sv")
    assert drawn.count('class="hidden-part"') == 1
    assert "Kassan – syns aldrig för kunden" in drawn


def test_a_step_back_is_drawn_as_one(make_shop):
    shop = make_shop("installation_booking")
    chart = chart_of(shop.flows, ["installation"], {})

    back = {(line.source, line.target) for line in laid_out(chart, "sv").lines if line.back}

    assert back == {
        ("awaiting_payment", "details_given"), ("abandoned", "details_given"), ("delivery_booked", "reviewed"),
    }  # fmt: skip


def test_marks_say_what_a_status_means(make_shop):
    shop = make_shop("email", "sms", toml=OWN)
    root = _parsed(svg(chart_of(shop.flows, ["post"], {"email": Text("E-post", "E-mail")}), "sv"))

    groups = {
        next(t.text for t in _all(g, "text", "code")): g
        for g in root.iter()
        if _class(g).startswith("status ")
    }
    words = {code: [t.text for t in _all(g, "text")] for code, g in groups.items()}
    assert words["reviewed"] == ["Granskad", "reviewed", "hålls", "Behandlas"]
    assert words["shipped"][2:] == ["borta", "Skickad", "E-post, sms", "Kollinummer", "godkänd, betald"]
    assert words["quality_check"][3:] == ["dold för kunden"]
    assert words["cancelled"][4:] == ["orsak*"]
    assert words["partly_shipped"][2] == "per kolli"
    assert words["started"] == ["Påbörjad", "started"]
    assert "unseen" in _class(groups["quality_check"])
    assert "unseen" not in _class(groups["reviewed"])


RULES = """
[[statuses.received.messages]]
channels = ["email"]
audience = "staff"
to = ["order@example.se", "lager@example.se"]

[[statuses.shipped.messages]]
channels = ["email"]
template = "omdome"
delay = "2w"
even_later = true
delivery = ["post"]
payment = ["invoice"]
"""


def test_marks_say_to_whom_by_what_when_and_for_which_orders(make_shop):
    shop = make_shop("email", "sms", toml=RULES)
    channels = {"email": Text("E-post", "E-mail"), "sms": Text("sms", "SMS")}
    drawn = svg(chart_of(shop.flows, ["post"], channels), "sv")
    root = _parsed(drawn)

    words = {
        next(t.text for t in _all(g, "text", "code")): " ".join(t.text for t in _all(g, "text", "mark"))
        for g in root.iter()
        if _class(g).startswith("status ")
    }

    assert words["received"] == "Mottagen E-post E-post till order@example.se, lager@example.se"
    assert words["shipped"].startswith(
        "Skickad sms E-post (efter 2 veckor, även om ordern gått vidare; leverans: Posten; betalning: Faktura; "
        "mallen omdome)"
    )
    assert drawn.count('href="#ashop-desk"') == 2  # the one of the legend, and that of `received`


def test_a_long_label_is_broken_not_cut(make_shop):
    shop = make_shop("email", toml=OWN)
    root = _parsed(svg(chart_of(shop.flows, ["post"], {}), "sv"))

    lines = [t.text for t in _all(root, "text", "label")]
    assert "Väntar på varor från" in lines
    assert "leverantören i Småland" in lines


@pytest.mark.parametrize(
    "words", ["", "x" * 400, "Ett mycket långt ord Donaudampfschifffahrtsgesellschaft", "日本語の状態"]
)
def test_wrapped_words_lose_nothing_and_fit(words):
    lines = wrapped(words, 15, 120, bold=True)

    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(text_width(line, 15, bold=True) <= 120 for line in lines)


def test_a_status_that_leads_to_itself_gets_a_loop():
    layout = lay_out(
        {"a": (100, 40), "b": (100, 40)}, [("a", "b"), ("b", "b")], {("a", "b"): 1, ("b", "b"): 1}
    )

    (loop,) = [line for line in layout.lines if line.source == line.target]
    assert loop.points[0][0] == loop.points[1][0] == layout.boxes["b"].right


def test_ranks_follow_the_longest_way():
    steps = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a"), ("c", "d")]

    back = back_steps("a", steps)
    ranks = ranks_of("abcd", [s for s in steps if s not in back], set())

    assert back == {("c", "a")}
    assert ranks == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_mermaid_has_every_status_and_step(chart):
    lines = mermaid(chart, "sv").splitlines()

    assert lines[0] == "stateDiagram-v2"
    assert "  [*] --> started" in lines
    for source, target in chart.steps:
        assert f"  {source} --> {target}" in lines
    assert sum(" as " in line for line in lines) == len(chart.statuses) + 1


def test_mermaid_labels_cannot_leave_their_quotes(make_shop):
    toml = OWN + '[statuses.end]\nlabel = "Slut"\nafter = ["reviewed"]\nfinal = true\n'
    shop = make_shop("email", toml=toml)

    drawn = mermaid(chart_of(shop.flows, ["post"], {}), "sv")

    assert 'state "#60;b#62;#34;Borta#34; #38; borta#60;/b#62;" as lost' in drawn
    assert "  reviewed --> end_\n" in drawn


def _parsed(drawn):
    return ElementTree.fromstring(drawn)  # noqa: S314 - drawn by ourselves


def _class(element):
    return element.get("class", "")


def _all(root, tag, name=None):
    found = [e for e in root.iter() if e.tag.rpartition("}")[2] == tag]
    return [e for e in found if name is None or _class(e) == name]

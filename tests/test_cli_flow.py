"""`ashop flow`: the flows shown, drawn and checked, and orders moved out of a status that was taken away."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from ashop_core.models import Kind, Place
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, some_lines, write_shop

CONTROL = """
[statuses.control]
label = { sv = "Kontroll", en = "Control" }
customer_label = { sv = "Kontrolleras", en = "Being checked" }
after = ["reviewed"]
before = ["shipped"]
"""


@pytest.fixture
def home(tmp_path):
    return tmp_path / "shop"


@pytest.fixture
def stranded(home, clock):
    """Make a shop with orders in a status that its settings no longer know; return their names by way."""
    write_shop(home, toml=CONTROL)
    with Shop.open(home, clock=clock) as shop:
        names = {}
        for way in ("first", "second", "third"):
            order = place_order(shop, some_lines("LAMPA", quantity=2))
            shop.change_status(order, "reviewed")
            names[way] = shop.change_status(order, "control").order.name
    write_shop(home)
    return names


# ── show ─────────────────────────────────────────────────────────────────────────────────────────


def test_flow_show_tells_each_flow_in_both_languages(ashop, home):
    write_shop(home)

    swedish, english = ashop("flow", "show"), ashop("flow", "show", "--delivery", "post", lang="en")

    assert "post: Posten" in swedish.stdout
    assert "pickup: Hämtas i butik" in swedish.stdout
    assert "Klar att hämta i butik" in swedish.stdout
    assert "Reviewed" in english.stdout
    assert "pickup" not in english.stdout


def test_flow_show_for_machines(ashop, home):
    write_shop(home)

    rows = json.loads(ashop("flow", "show", "--delivery", "post", "--json").stdout)
    shipped = next(row for row in rows if row["status"] == "shipped")

    assert (shipped["stage"], shipped["stock"]) == ("done", "gone")
    assert "delivered" in shipped["next"]
    assert ashop("flow", "show", "--csv").stdout.startswith("flow,status,label")


def test_flow_show_as_mermaid(ashop, home):
    write_shop(home)

    lines = ashop("flow", "show", "--format", "mermaid").stdout.splitlines()

    assert lines[0] == "stateDiagram-v2"
    assert '  state "Mottagen" as received' in lines
    assert "  reviewed --> shipped" in lines


def test_flow_show_as_svg_in_both_languages(ashop, home):
    write_shop(home, "email")

    swedish = ashop("flow", "show", "--delivery", "pickup", "--format", "svg")
    english = ashop("flow", "show", "--delivery", "pickup", "--format", "svg", lang="en")

    for result, words in ((swedish, ["Hämtas i butik", "E-post"]), (english, ["Pick up in store", "E-mail"])):
        assert result.exit_code == 0
        drawn = ElementTree.fromstring(result.stdout)  # noqa: S314 - drawn by ourselves
        texts = [e.text for e in drawn.iter() if e.tag.endswith("}text")]
        assert set(words) <= set(texts)
        assert "shipped" not in texts


def test_flow_show_draws_or_lists_but_not_both(ashop, home):
    write_shop(home)

    assert ashop("flow", "show", "--format", "svg", "--json").exit_code == 2
    assert ashop("flow", "show", "--format", "png").exit_code == 2
    assert ashop("flow", "show", "--format", "table").stdout == ashop("flow", "show").stdout


def test_flow_show_of_an_unknown_delivery_method(ashop, home):
    write_shop(home)

    result = ashop("flow", "show", "--delivery", "drönare")

    assert result.exit_code == 1
    assert "post, pickup" in result.stderr


# ── check ────────────────────────────────────────────────────────────────────────────────────────


def test_flow_check_says_that_all_is_well(ashop, home):
    write_shop(home, "email", "sms", "installation_booking")

    result = ashop("flow", "check")

    assert result.exit_code == 0
    assert "Flödena är i ordning" in result.stdout
    assert "obs" not in result.stdout
    assert "are in order" in ashop("flow", "check", lang="en").stdout


@pytest.mark.parametrize(
    ("toml", "code", "words"),
    [
        ('[statuses.x]\nlabel = "X"\nafter = ["reviewed"]\n', "dead_end", "statuses.x"),
        ('[statuses.x]\nlabel = "X"\nfinal = true\n', "unreachable", "statuses.x"),
        (
            '[statuses.x]\nlabel = "X"\nafter = ["reviewed", "y"]\n[statuses.y]\nlabel = "Y"\nafter = ["x"]\n',
            "no_way_out",
            "x, y",
        ),
        ('[[transitions]]\nfrom = "reviewed"\nto = "nowhere"\n', "unknown_status", "nowhere"),
    ],
)
def test_flow_check_finds_what_is_wrong(ashop, home, toml, code, words):
    write_shop(home, toml=toml)

    result, rows = ashop("flow", "check"), json.loads(ashop("flow", "check", "--json").stdout)

    assert result.exit_code == 1
    assert "i ordning" not in result.stdout
    assert any(line.startswith("FEL") and words in line for line in result.stdout.splitlines())
    assert code in [row["code"] for row in rows if row["serious"]]


def test_two_statuses_in_a_circle_with_a_way_out_are_no_fault(ashop, home):
    circle = (
        '[statuses.x]\nlabel = "X"\nafter = ["reviewed", "y"]\nflows = ["post"]\n'
        '[statuses.y]\nlabel = "Y"\nafter = ["x"]\nbefore = ["shipped"]\nflows = ["post"]\n'
    )
    write_shop(home, toml=circle)

    assert ashop("flow", "check").exit_code == 0


def test_flow_check_remarks_are_no_faults(ashop, home):
    toml = (
        '[statuses.x]\nlabel = "X"\nafter = ["reviewed"]\nbefore = ["shipped"]\n'
        '[statuses.y]\nlabel = "Y"\ncustomer_label = "Y"\nafter = ["reviewed"]\nbefore = ["shipped"]\n'
        'notify = ["email", "sms"]\n'
    )
    write_shop(
        home,
        "email",
        "sms",
        toml=toml,
        files={"templates/sms/y.sv.txt": "Hej", "templates/sms/y.en.txt": "Hi"},
    )

    result, rows = ashop("flow", "check"), json.loads(ashop("flow", "check", "--json").stdout)

    assert result.exit_code == 0
    assert "Flödena är i ordning" in result.stdout
    found = [(row["code"], row["text"]["sv"]) for row in rows]
    assert [code for code, _ in found] == ["hidden", "no_template"]
    assert "statuses.x" in found[0][1]
    assert "E-post (sv, en)" in found[1][1]


def test_a_template_in_one_language_only_is_told(ashop, home):
    toml = (
        '[statuses.y]\nlabel = "Y"\ncustomer_label = "Y"\nafter = ["reviewed"]\nbefore = ["shipped"]\n'
        'notify = ["email"]\n'
    )
    write_shop(home, "email", toml=toml, files={"templates/email/y.sv.txt": "Hej\n\nHej"})

    (row,) = json.loads(ashop("flow", "check", "--json").stdout)

    assert "E-mail (en)" in row["text"]["en"]


def test_settings_check_tells_of_a_rule_whose_template_is_missing(ashop, home):
    rule = '[[statuses.delivered.messages]]\nchannels = ["email"]\ntemplate = "happy"\n'
    write_shop(home, "email", toml=rule)

    result = ashop("settings", "check", lang="en")

    assert result.exit_code == 0
    assert "statuses.delivered: there is no template happy for E-mail (sv, en)" in result.stderr


def test_a_channel_that_knows_no_templates_is_not_asked(ashop, home):
    from tests.shops import PAPER

    toml = '[statuses.received]\nnotify = ["email"]\n'
    write_shop(home, "local:paper", toml=toml, files={"plugins/paper.py": PAPER.replace("SEND", "pass")})

    assert json.loads(ashop("flow", "check", "--json").stdout) == []


def test_flow_check_and_doctor_tell_of_stranded_orders(ashop, home, stranded):
    checked, examined = ashop("flow", "check"), ashop("doctor", lang="en")

    assert checked.exit_code == examined.exit_code == 1
    assert "3 ordrar har statusen control" in checked.stdout
    assert "ashop flow migrate control NY" in checked.stdout
    assert "ashop flow migrate control NEW" in examined.stdout


def test_flow_check_looks_where_the_shop_cannot_open(ashop, home, stranded):
    write_shop(home, toml='[statuses.x]\nlabel = "X"\nafter = ["reviewed"]\n')

    rows = json.loads(ashop("flow", "check", "--json").stdout)

    assert [row["code"] for row in rows if row["serious"]] == ["dead_end", "dead_end", "stranded"]


# ── migrate ──────────────────────────────────────────────────────────────────────────────────────


def test_migrate_moves_every_order_once_and_tells_no_customer(ashop, home, stranded, clock):
    rehearsed = ashop("flow", "migrate", "control", "granskad", "--dry-run")
    result = ashop("flow", "migrate", "control", "granskad", "--yes")
    again = ashop("flow", "migrate", "control", "granskad", "--yes")

    assert "3 skulle flyttas till Granskad" in rehearsed.stdout
    assert (result.exit_code, result.stdout) == (0, "3 flyttade till Granskad, 0 kvar i control\n")
    assert (again.exit_code, again.stdout) == (0, "Ingen order har statusen control.\n")
    with Shop.open(home, clock=clock) as shop:
        assert shop.stranded() == {}
        for name in stranded.values():
            order = shop.order(name)
            entry = shop.history(order)[-1]
            assert (order.status, entry.kind, entry.from_status) == ("reviewed", Kind.MIGRATED, "control")
            assert len(shop.history(order)) == order.version
            assert [m.template for m in shop.messages(order)] == []
    assert ashop("doctor").exit_code == 0
    assert "Flyttad till ny status" in ashop("order", "show", stranded["first"]).stdout


def test_migrate_lets_the_goods_follow(ashop, home, stranded, clock):
    ashop("flow", "migrate", "control", "shipped", "--yes")

    with Shop.open(home, clock=clock) as shop:
        order = shop.order(stranded["first"])
        (move,) = shop.history(order)[-1].moves
        assert (move.quantity, move.source, move.target) == (2, Place.HELD, Place.GONE)
        assert (order.lines[0].held, order.lines[0].gone) == (0, 2)


def test_migrate_asks_first(ashop, home, stranded):
    declined = ashop("flow", "migrate", "control", "reviewed", input="n\n")

    assert declined.exit_code == 1
    assert "3 ordrar" in declined.output
    assert "3 ordrar har statusen control" in ashop("flow", "check").stdout
    assert ashop("flow", "migrate", "control", "reviewed", input="y\n").exit_code == 0


def test_migrate_refuses_a_status_that_the_settings_know(ashop, home, stranded):
    result = ashop("flow", "migrate", "received", "reviewed", "--yes")

    assert result.exit_code == 1
    assert 'ashop order status --where "status=received" reviewed' in result.stderr


def test_migrate_leaves_orders_whose_flow_lacks_the_status_and_goes_on(ashop, home, clock):
    write_shop(home, toml=CONTROL.replace('before = ["shipped"]', 'before = ["shipped", "ready_for_pickup"]'))
    with Shop.open(home, clock=clock) as shop:
        by_post, fetched = place_order(shop), place_order(shop, delivery="pickup")
        for order in (by_post, fetched):
            shop.change_status(order, "reviewed")
            shop.change_status(order, "control")
    write_shop(home)

    result = ashop("flow", "migrate", "control", "ready_for_pickup", "--yes")

    assert result.exit_code == 1
    assert "1 flyttad till Klar att hämta i butik, 1 kvar i control" in result.stdout
    assert by_post.name in result.stderr
    assert "finns inte i orderns flöde (post)" in result.stderr
    assert ashop("flow", "migrate", "control", "reviewed", "--yes").exit_code == 0


@pytest.mark.parametrize(("placed", "target", "words"), [
    (True, "details_given", "kan inte gå tillbaka till kassan"),
    (False, "received", "inte lagd"),
])  # fmt: skip
def test_migrate_neither_places_an_order_nor_takes_it_back(ashop, home, clock, placed, target, words):
    hidden = (
        '[statuses.filled]\nlabel = "Ifylld"\nstage = "checkout"\nstock = "free"\nafter = ["started"]\n'
        'before = ["details_given"]\n'
    )
    write_shop(home, toml=CONTROL + hidden)
    with Shop.open(home, clock=clock) as shop:
        if placed:
            order = place_order(shop)
            shop.change_status(order, "reviewed")
            shop.change_status(order, "control")
        else:
            order = shop.start_order(some_lines("LAMPA"), checkout_key="k", customer=some_customer())
            shop.change_status(order, "filled")
    write_shop(home)
    old = "control" if placed else "filled"

    result = ashop("flow", "migrate", old, target, "--yes")

    assert result.exit_code == 1
    assert words in result.stderr
    assert ashop("flow", "migrate", old, "reviewed" if placed else "details_given", "--yes").exit_code == 0


def test_a_migration_killed_in_the_middle_is_done_by_the_next_one(home, stranded, clock):
    with Shop.open(home, clock=clock) as shop:
        results = shop.migrate_status("control", "reviewed")
        first = next(results)
        results.close()  # type: ignore[attr-defined]
        assert first.error is None
        assert shop.stranded() == {"control": 2}

        rest = list(shop.migrate_status("control", "reviewed"))

        assert [r.error for r in rest] == [None, None]
        assert first.name not in {r.name for r in rest}
        assert {shop.order(name).version for name in stranded.values()} == {shop.order(first.name).version}

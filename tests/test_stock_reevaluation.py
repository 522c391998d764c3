"""All items judged anew: what the rules say and nothing else, in step with orders, once and not again."""

from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ashop_core.errors import InvalidInput
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import alerts, health, reevaluating, stock
from ashop_stock_control.items import StockItem
from ashop_stock_control.ledger import Kind
from ashop_stock_control.rules import Rule, When
from ashop_stock_control.settings import StockSettings

NO_RULES = "[plugins.stock_control]\nrules = []\n"
SHIPPED = "[plugins.stock_control]\n"
FEW = """[plugins.stock_control]
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 2
from = ["in_stock"]
to = "on_order"
{more}
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 0
from = ["on_order"]
to = "sold_out"
"""


@pytest.fixture
def reopened(make_shop):
    """Open the shop anew with other settings: what somebody does who edits the file by hand."""
    return lambda toml, *plugins, **more: make_shop("stock_control", *plugins, toml=toml, **more)


def statuses(shop):
    return {item.sku: item.status for item in stock.every_item(shop)}


def turned(shop, sku):
    """Return what the ledger says of an item's status, oldest first."""
    rows = reversed(list(stock.every_movement(shop, sku)))
    return [(m.kind, m.status_before, m.status_after) for m in rows if m.status_after]


# ── What changes and what stands ─────────────────────────────────────────────────────────────────


def test_every_item_gets_what_the_rules_say_and_the_ledger_says_why(make_shop, reopened):
    shop = make_shop("stock_control", toml=NO_RULES)
    for balance in range(4):
        stock.add_item(shop, f"V{balance}", balance=balance)
    stock.add_item(shop, "KURS")

    shop = reopened(FEW.format(more=""))
    found = reevaluating.preview(shop)
    done = reevaluating.reevaluate(shop, actor="eva")

    assert (found.items, found.changes, done.changes) == (5, 3, 3)
    assert dict(found.turns) == {("in_stock", "on_order"): 2, ("in_stock", "sold_out"): 1}
    assert [(t.item.sku, t.to, t.why) for t in found.first] == [
        ("V0", "sold_out", "falls_to 0"),
        ("V1", "on_order", "falls_to 2"),
        ("V2", "on_order", "falls_to 2"),
    ]
    assert statuses(shop) == {
        "KURS": "in_stock", "V0": "sold_out", "V1": "on_order", "V2": "on_order", "V3": "in_stock",
    }  # fmt: skip
    row = stock.history(shop, "V0").rows[0]
    assert (row.kind, row.status_before, row.status_after, row.actor) == (
        Kind.RULE, "in_stock", "sold_out", "eva",
    )  # fmt: skip
    assert health.problems(shop) == []


def test_a_second_run_changes_nothing(make_shop, reopened):
    shop = make_shop("stock_control", toml=NO_RULES)
    stock.add_item(shop, "LAMPA", balance=0)
    shop = reopened(SHIPPED)
    reevaluating.reevaluate(shop)
    rows = len(stock.history(shop, "LAMPA").rows)

    again = reevaluating.reevaluate(shop)

    assert (again.changes, reevaluating.preview(shop).changes) == (0, 0)
    assert len(stock.history(shop, "LAMPA").rows) == rows


def test_within_the_hysteresis_both_statuses_stand(make_shop, reopened):
    shop = make_shop("stock_control", toml=NO_RULES)
    for sku, status, balance in (
        ("A", "in_stock", 4),
        ("B", "on_order", 4),
        ("C", "on_order", 6),
        ("D", "in_stock", 2),
    ):
        stock.add_item(shop, sku, balance=9)
        stock.count(shop, sku, balance)
        write(shop, sku, status=status)

    shop = reopened(FEW.format(more="back_at = 6"))
    reevaluating.reevaluate(shop)

    assert statuses(shop) == {"A": "in_stock", "B": "on_order", "C": "in_stock", "D": "on_order"}


def test_a_status_set_by_hand_stands_and_is_counted_unless_it_is_to_be_included(make_shop, reopened):
    shop = make_shop("stock_control", toml=NO_RULES)
    stock.add_item(shop, "LAMPA", balance=5)
    stock.set_status(shop, "LAMPA", "sold_out")

    shop = reopened(SHIPPED)
    found = reevaluating.preview(shop)
    stands = reevaluating.reevaluate(shop).changes, stock.item(shop, "LAMPA").status
    included = reevaluating.reevaluate(shop, include_by_hand=True)

    assert (found.changes, found.by_hand, found.first) == (0, 1, [])
    assert stands == (0, "sold_out")
    assert (included.changes, stock.item(shop, "LAMPA").status) == (1, "in_stock")
    assert not stock.item(shop, "LAMPA").by_hand


def test_a_status_set_by_hand_falls_to_the_next_crossing_and_is_the_rules_again(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", balance=5)
    stock.set_status(shop, "LAMPA", "sold_out")
    before = reevaluating.reevaluate(shop).changes, stock.item(shop, "LAMPA").status

    stock.count(shop, "LAMPA", 0)
    stock.receive(shop, "LAMPA", 2)
    write(shop, "LAMPA", status="sold_out")
    after = reevaluating.reevaluate(shop).changes, stock.item(shop, "LAMPA").status

    assert before == (0, "sold_out")
    assert after == (1, "in_stock")


@pytest.mark.parametrize("include_by_hand", [False, True])
def test_a_pinned_status_always_stands(make_shop, reopened, include_by_hand):
    shop = make_shop("stock_control", toml=NO_RULES)
    stock.add_item(shop, "LAMPA", balance=0)
    write(shop, "LAMPA", pinned=1)

    shop = reopened(SHIPPED)
    found = reevaluating.preview(shop, include_by_hand=include_by_hand)
    done = reevaluating.reevaluate(shop, include_by_hand=include_by_hand)

    assert (found.pinned, found.changes, done.changes) == (1, 0, 0)
    assert stock.item(shop, "LAMPA").status == "in_stock"


def test_the_safety_margin_is_taken_off_first(make_shop, reopened):
    shop = make_shop("stock_control")
    for sku in ("A", "B"):
        stock.add_item(shop, sku, balance=2)
    write(shop, "B", item_group="lampor")

    shop = reopened("[plugins.stock_control.groups.lampor]\nmargin = 2\n")
    reevaluating.reevaluate(shop)

    assert statuses(shop) == {"A": "in_stock", "B": "sold_out"}


def test_rules_for_groups_and_skus_reach_no_others(make_shop, reopened):
    shop = make_shop("stock_control", toml=NO_RULES)
    for sku in ("A", "B", "C"):
        stock.add_item(shop, sku, balance=0)
    write(shop, "B", item_group="lampor")
    rule = '[[plugins.stock_control.rules]]\nwhen = "falls_to"\nthreshold = 0\nfrom = ["in_stock"]\n'

    shop = reopened(
        f'{rule}to = "sold_out"\nskus = ["A"]\n{rule}to = "on_order"\ngroups = ["lampor"]\n'
        f'{rule}to = "discontinued"\ngroups = ["lampor"]\npriority = 1\n'
    )
    reevaluating.reevaluate(shop)

    assert statuses(shop) == {"A": "sold_out", "B": "discontinued", "C": "in_stock"}


OPINION = """
from ashop_core import hookimpl

@hookimpl
def ashop_stock_status(item, before, after):
    return {answer} if item.sku == "LAMPA" else None
"""


def test_a_plugins_opinion_goes_before_the_rules(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", balance=3)
    stock.add_item(shop, "BORD", balance=3)
    shop = make_shop(
        "stock_control", "local:mine", files={"plugins/mine.py": OPINION.format(answer='"on_order"')}
    )

    found = reevaluating.preview(shop)
    reevaluating.reevaluate(shop)

    assert [(t.item.sku, t.to, t.why) for t in found.first] == [("LAMPA", "on_order", "plugin local:mine")]
    assert statuses(shop) == {"BORD": "in_stock", "LAMPA": "on_order"}
    assert reevaluating.preview(shop).changes == 0


# ── Warnings ─────────────────────────────────────────────────────────────────────────────────────


def open_warnings(shop):
    with shop.database.read() as reader:
        rows = reader.rows("SELECT sku, kind FROM stock_alerts WHERE closed_at IS NULL ORDER BY sku")
    return [(row["sku"], row["kind"]) for row in rows]


def test_warnings_are_brought_in_step_with_a_changed_limit(make_shop, reopened):
    shop = make_shop("stock_control", toml="[plugins.stock_control]\nlow = 1\n")
    for balance in (1, 3, 5):
        stock.add_item(shop, f"V{balance}", balance=balance)
    stock.add_item(shop, "KURS")
    seen = [open_warnings(shop)]

    for toml in ("low = 3", "low = 0", "low = 5", ""):
        shop = reopened(f"[plugins.stock_control]\n{toml}\n")
        expected = reevaluating.preview(shop).warnings
        assert reevaluating.reevaluate(shop).warnings == expected
        assert reevaluating.preview(shop).warnings == 0
        seen.append(open_warnings(shop))

    low = alerts.AlertKind.LOW.value
    assert seen == [
        [("V1", low)],
        [("V1", low), ("V3", low)],
        [],
        [("V1", low), ("V3", low), ("V5", low)],
        [],
    ]


# ── What orders do meanwhile ─────────────────────────────────────────────────────────────────────


def without_a_second_look(monkeypatch):
    """Take the re-read under the lock away: what the page said is written."""
    seen = {}
    pages = reevaluating._pages

    def remember(shop):
        for page, warned in pages(shop):
            seen.update({item.sku: item for item in page})
            yield page, warned

    monkeypatch.setattr(reevaluating, "_pages", remember)
    monkeypatch.setattr(reevaluating, "find_items", lambda tx, skus: {sku: seen[sku] for sku in skus})


def orders_in_between(shop, monkeypatch, happens):
    """Let something happen after the items were read and before the first of them is locked."""
    bring = reevaluating._Work.bring

    def late(self, skus):
        monkeypatch.setattr(reevaluating._Work, "bring", bring)
        happens()
        return bring(self, skus)

    monkeypatch.setattr(reevaluating._Work, "bring", late)
    return reevaluating.reevaluate(shop)


IN_BETWEEN = {
    "sold": (2, lambda shop: place_order(shop, some_lines("LAMPA", quantity=2)), "sold_out"),
    "received": (2, lambda shop: stock.receive(shop, "LAMPA", 5), "in_stock"),
    "set by hand": (2, lambda shop: stock.set_status(shop, "LAMPA", "discontinued"), "discontinued"),
    "pinned": (2, lambda shop: write(shop, "LAMPA", pinned=1), "in_stock"),
    "nothing": (2, lambda shop: None, "on_order"),
}


@pytest.mark.parametrize("name", IN_BETWEEN)
def test_what_happens_between_reading_and_locking_counts(make_shop, reopened, monkeypatch, name):
    balance, happens, expected = IN_BETWEEN[name]
    shop = make_shop("stock_control", toml=NO_RULES)
    stock.add_item(shop, "LAMPA", balance=balance)
    shop = reopened(FEW.format(more=""))

    orders_in_between(shop, monkeypatch, lambda: happens(shop))

    assert stock.item(shop, "LAMPA").status == expected
    assert health.problems(shop) == []


@pytest.mark.parametrize("name", ["sold", "received", "pinned"])
def test_without_a_second_look_it_would_not(make_shop, reopened, monkeypatch, name):
    """The twin of the test above."""
    balance, happens, expected = IN_BETWEEN[name]
    shop = make_shop("stock_control", toml=NO_RULES)
    stock.add_item(shop, "LAMPA", balance=balance)
    shop = reopened(FEW.format(more=""))
    without_a_second_look(monkeypatch)

    orders_in_between(shop, monkeypatch, lambda: happens(shop))

    assert stock.item(shop, "LAMPA").status != expected


ITEMS = 40
SELLERS = 3


@pytest.fixture
def raced(make_shop, reopened, race, monkeypatch):
    """Race orders against a re-evaluation, each item of which falls from 2 to 0, and return the shop.

    The sellers begin when the items have been read, and the first is written when each of them has sold one.
    """
    have_read, have_sold = get_context("fork").Semaphore(0), get_context("fork").Semaphore(0)
    bring = reevaluating._Work.bring

    def read(pages, shop):
        for page in pages(shop):
            for _ in range(SELLERS):
                have_read.release()
            yield page

    def late(self, skus):
        monkeypatch.setattr(reevaluating._Work, "bring", bring)
        for _ in range(SELLERS):
            have_sold.acquire()
        return bring(self, skus)

    def work(shop, worker, n):
        if worker == 0:
            reevaluating.reevaluate(shop)
            return
        have_read.acquire()
        for sku in range(ITEMS - worker, -1, -SELLERS):
            place_order(shop, some_lines(f"V{sku:02}", quantity=2))
            have_sold.release()

    def run(fault=None):
        if fault is not None:
            fault(monkeypatch)
        monkeypatch.setattr(reevaluating, "_pages", partial(read, reevaluating._pages))
        monkeypatch.setattr(reevaluating._Work, "bring", late)
        monkeypatch.setattr(reevaluating, "AT_ONCE", 2)
        shop = make_shop("stock_control", toml=NO_RULES)
        for n in range(ITEMS):
            stock.add_item(shop, f"V{n:02}", balance=2)
        told = race(reopened(FEW.format(more="")), work, processes=1 + SELLERS, tries=1)
        assert told.errors == []
        monkeypatch.undo()
        return reopened(FEW.format(more=""))

    return run


def test_orders_placed_meanwhile_leave_every_item_with_what_the_rules_say(raced):
    shop = raced()

    assert set(statuses(shop).values()) == {"sold_out"}
    assert health.problems(shop) == []
    for n in range(ITEMS):
        assert [(before, after) for _, before, after in turned(shop, f"V{n:02}")] in (
            [("in_stock", "sold_out")],
            [("in_stock", "on_order"), ("on_order", "sold_out")],
        )


def test_the_race_shows_a_missing_second_look(raced):
    """The twin of the test above."""
    shop = raced(without_a_second_look)

    assert "on_order" in statuses(shop).values()
    assert "not_as_ruled" in {problem.code for problem in health.problems(shop)}


# ── Rulebooks ────────────────────────────────────────────────────────────────────────────────────

CODES = ["in_stock", "on_order", "temporarily_out", "sold_out"]
SCOPES = [{}, {}, {"skus": ("A",)}, {"skus": ("B",)}, {"groups": ("lampor",)}]


@st.composite
def rules(draw):
    source = tuple(draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=2, unique=True)))
    when, threshold = draw(st.sampled_from(list(When))), draw(st.integers(-2, 5))
    back_at = None
    if len(source) == 1 and draw(st.booleans()):
        back_at = threshold + draw(st.integers(1, 3)) * (1 if when is When.FALLS_TO else -1)
    return Rule(
        when=when, threshold=threshold, from_=source, back_at=back_at, priority=draw(st.integers(0, 1)),
        to=draw(st.sampled_from([code for code in CODES if code not in source])),
        **draw(st.sampled_from(SCOPES)),
    )  # fmt: skip


@hypothesis_settings(max_examples=400)
@given(
    st.lists(rules(), min_size=1, max_size=4),
    st.builds(
        StockItem, sku=st.sampled_from("AB"), name=st.just(""), status=st.sampled_from(CODES),
        group=st.sampled_from(["", "lampor"]), tracked=st.just(True),
    ),
    st.integers(-3, 8),
    st.lists(st.integers(-4, 4), max_size=6),
)  # fmt: skip
def test_rules_that_the_settings_accept_come_to_rest_and_stay_there(written, item, balance, moves):
    try:
        book = StockSettings(rules=tuple(written)).rulebook
    except InvalidInput:
        return

    def after(item, fired):
        return replace(item, status=fired[-1].to) if fired else item

    item = after(item, book.settle(item, balance))
    assert book.settle(item, balance) == []
    for move in moves:
        item = after(item, book.fire(item, balance, balance + move))
        balance += move
        assert book.settle(item, balance) == []


def rule(when, threshold, source, to, **more):
    return Rule(when=When(when), threshold=threshold, from_=(source,), to=to, **more)


@pytest.mark.parametrize(
    "written",
    [
        (rule("falls_to", 5, "in_stock", "on_order"), rule("falls_to", 3, "on_order", "in_stock")),
        (rule("rises_to", 3, "in_stock", "on_order"), rule("rises_to", 5, "on_order", "in_stock")),
        (
            rule("falls_to", 5, "in_stock", "on_order", skus=("A",)),
            rule("falls_to", 3, "on_order", "sold_out"),
            rule("falls_to", 0, "sold_out", "in_stock", groups=("lampor",)),
        ),
    ],
)
def test_rules_that_go_round_in_a_ring_are_refused(written):
    with pytest.raises(InvalidInput, match=r"rules: .*in_stock → .*go round in a ring"):
        StockSettings(rules=written)


def test_rules_between_which_an_item_would_turn_to_and_fro_are_refused():
    down, up = rule("falls_to", 2, "in_stock", "sold_out"), rule("rises_to", 2, "sold_out", "in_stock")

    with pytest.raises(
        InvalidInput, match=r"rules: sold_out is entered as the balance falls to 2.*make that higher"
    ):
        StockSettings(rules=(down, up))


def test_a_ring_of_rules_that_no_item_is_under_together_is_none():
    one, other = (
        rule("falls_to", 5, "in_stock", "on_order", skus=("A",)),
        rule("falls_to", 3, "on_order", "in_stock", skus=("B",)),
    )

    assert StockSettings(rules=(one, other)).all_rules == (one, other)


def test_a_status_that_is_entered_too_low_goes_on_at_once(make_shop):
    """Slut → Lagervara at 1, and Lagervara → Beställningsvara at 2: one piece is Beställningsvara."""
    more = FEW.format(more="") + (
        '[[plugins.stock_control.rules]]\nwhen = "rises_to"\nthreshold = 1\nfrom = ["sold_out"]\nto = "in_stock"\n'
    )
    shop = make_shop("stock_control", toml=more)
    stock.add_item(shop, "LAMPA", balance=0)

    stock.receive(shop, "LAMPA", 1)

    assert stock.item(shop, "LAMPA").status == "on_order"


def write(shop, sku, **columns):
    """Write columns of an item as no person could."""
    with shop.database.write() as tx:
        names = ", ".join(f"{name} = :{name}" for name in columns)
        assert tx.execute(f"UPDATE stock_items SET {names} WHERE sku = :sku", {"sku": sku, **columns}) == 1

"""`ashop stock rules …`: shown first, asked about, written into `ashop.toml` among its comments, then applied to all."""

import csv
import io
import json
import os
import tomllib

import pytest

from ashop_core import Shop
from ashop_core.errors import AshopError, Conflict
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import health, reevaluating, rule_editing, stock
from ashop_stock_control.rules import Rule, When

FALLS_TO_3 = ("--falls-to", "3", "--from", "in_stock", "--to", "on_order")


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control", toml='[plugins.stock_control]\npolicy = "open"  # som i handboken\n')
    for balance in (0, 2, 3, 9):
        stock.add_item(shop, f"V{balance}", f"Vara {balance}", balance=balance)
    return shop


@pytest.fixture
def run(shop, ashop):
    """Run a command of `ashop stock rules` in the shop's folder."""
    return lambda *args, lang="en", **more: ashop("stock", "rules", *args, lang=lang, **more)


@pytest.fixture
def toml(shop):
    return shop.settings.folder / "ashop.toml"


def written(toml):
    return tomllib.loads(toml.read_text(encoding="utf-8"))["plugins"]["stock_control"].get("rules")


def statuses(shop):
    return {item.sku: item.status for item in stock.every_item(shop)}


def test_the_margin_that_makes_a_rule_fire_is_told(shop, run):
    stock.edit_item(shop, "V9", stock.Edits(margin=6))

    said = run("try", "--falls-to", "3", "--from", "in_stock", "--to", "on_order")

    assert (
        "  V9  Vara 9  In stock → On order (balance 9, safety margin 6; rule: balance falls to 3)"
        in said.stdout
    )


SHIPPED = {"when": "falls_to", "threshold": 0, "back_at": 1, "from": ["in_stock"], "to": "sold_out"}
NEW = {"when": "falls_to", "threshold": 3, "from": ["in_stock"], "to": "on_order"}


# ── list ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_shipped_rules_are_listed_as_such(run):
    swedish, english = run("list", lang="sv"), run("list")

    assert [line.split() for line in swedish.stdout.splitlines()] == [
        ["Nr", "Gäller", "När", "saldot", "Från", "Till", "Prioritet"],
        ["1", "alla", "artiklar", "faller", "till", "0,", "åter", "vid", "1", "Lagervara", "Slut", "0"],
    ]
    assert swedish.stderr == "Det är reglerna som följer med: butiken har inga egna i ashop.toml.\n"
    assert "falls to 0, back at 1  In stock  Sold out" in english.stdout
    assert english.stderr.startswith("These are the rules that ship")


def test_the_shops_own_rules_are_listed_for_people_and_machines(run):
    run("add", *FALLS_TO_3, "--sku", "V9", "--group", "lampor", "--priority", "2", "--yes")

    listed = run("list")
    rows = json.loads(run("list", "--json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(run("list", "--csv").stdout)))

    assert "2  the group lampor, V9  falls to 3 " in listed.stdout
    assert listed.stderr == ""
    assert rows[1] == {
        "number": 2, "skus": ["V9"], "groups": ["lampor"], "when": "falls_to", "threshold": 3, "back_at": None,
        "from": ["in_stock"], "to": "on_order", "priority": 2, "shipped": False,
    }  # fmt: skip
    assert [row["to"] for row in as_csv] == ["sold_out", "on_order"]


# ── add ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_is_shown_asked_about_written_and_applied(run, toml, shop):
    result = run(
        "add", "--falls-to", "3", "--back-at", "6", "--from", "Lagervara", "--to", "beställningsvara",
        input="j\n", lang="sv",
    )  # fmt: skip

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Ny regel 2: Lagervara → Beställningsvara när saldot faller till 3, åter vid 6 (alla artiklar)",
        "Butiken har inga egna regler i ashop.toml än: de som följer med skrivs in där först.",
        "2 av 4 artiklar byter lagerstatus:",
        "  V2  Vara 2  Lagervara → Beställningsvara (saldo 2; regel: saldot faller till 3)",
        "  V3  Vara 3  Lagervara → Beställningsvara (saldo 3; regel: saldot faller till 3)",
        "Skrivet i ashop.toml.",
        "2 artiklar fick ny lagerstatus.",
    ]
    assert "Skriva ashop.toml och ändra artiklarna? [j/N]" in result.stderr
    assert "följer det de nya reglerna från sin nästa omgång" in result.stderr
    assert written(toml) == [SHIPPED, {**NEW, "back_at": 6}]
    assert 'policy = "open"  # som i handboken\n' in toml.read_text(encoding="utf-8")
    assert statuses(shop) == {"V0": "sold_out", "V2": "on_order", "V3": "on_order", "V9": "in_stock"}
    assert stock.history(shop, "V2").rows[0].actor == "staff"


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_happens(run, toml, shop, answer):
    before = toml.read_bytes()

    result = run("add", *FALLS_TO_3, input=answer)

    assert result.exit_code == 1
    assert toml.read_bytes() == before
    assert set(statuses(shop).values()) == {"sold_out", "in_stock"}


def test_a_dry_run_shows_and_changes_nothing(run, toml, shop):
    before = toml.read_bytes()

    result = run("add", *FALLS_TO_3, "--dry-run")

    assert result.exit_code == 0
    assert "2 of 4 items change their stock status:" in result.stdout
    assert "Dry run: nothing was changed." in result.stderr
    assert toml.read_bytes() == before
    assert stock.item(shop, "V2").status == "in_stock"


def test_machines_read_what_was_done(run):
    result = json.loads(run("add", *FALLS_TO_3, "--yes", "--json").stdout)

    assert (result["number"], result["rule"], result["shipped_written"]) == (2, NEW, True)
    assert (result["changed"], result["preview"]["changes"], result["preview"]["items"]) == (2, 2, 4)
    assert result["preview"]["turns"] == [{"from": "in_stock", "to": "on_order", "items": 2}]
    assert result["preview"]["first"][0] == {
        "sku": "V2", "name": "Vara 2", "balance": 2, "from": "in_stock", "to": "on_order", "why": "falls_to 3",
    }  # fmt: skip


def test_a_rule_goes_where_it_is_to_stand(run, toml):
    run("add", *FALLS_TO_3, "--at", "1", "--yes")
    run("add", "--rises-to", "100", "--from", "in_stock", "--to", "discontinued", "--at", "2", "--yes")

    assert [rule["to"] for rule in written(toml)] == ["on_order", "discontinued", "sold_out"]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("--falls-to", "3", "--from", "in_stock", "--to", "borta"), "there is no stock status borta. Choose from"),
        (("--falls-to", "3", "--from", "in_stock", "--to", "in_stock"), "to: in_stock stands in from already"),
        ((*FALLS_TO_3, "--back-at", "1"), "back_at: 1 will not do, give a balance above 3"),
        (("--falls-to", "3", "--from", "on_order", "--from", "in_stock", "--to", "sold_out", "--back-at", "9"),
         "back_at: from must be one stock status alone"),
        (("--rises-to", "0", "--from", "sold_out", "--to", "in_stock"),
         "ashop.toml: plugins.stock_control: rules: sold_out is entered as the balance falls to 0, but left when"),
        (("--falls-to", "-5", "--from", "sold_out", "--to", "in_stock"), "in_stock → sold_out → in_stock: in one and"),
        (("--falls-to", "9" * 13, "--from", "in_stock", "--to", "sold_out"), "threshold: the number is too large"),
        ((*FALLS_TO_3, "--at", "3"), "there is no position 3: choose 1 to 2"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_and_the_file_is_left_as_it_was(run, toml, args, expected):
    before, inode = toml.read_bytes(), toml.stat().st_ino

    result = run("add", *args, "--yes")

    assert result.exit_code == 1
    assert expected in result.stderr
    assert (toml.read_bytes(), toml.stat().st_ino) == (before, inode)


@pytest.mark.parametrize("when", [(), ("--falls-to", "1", "--rises-to", "2")])
def test_a_rule_falls_or_rises(run, when):
    result = run("add", *when, "--from", "in_stock", "--to", "on_order")

    assert result.exit_code == 2
    assert "give --falls-to N or --rises-to N, one of them" in result.stderr


def test_what_may_not_be_meant_is_told(run):
    result = run("try", *FALLS_TO_3, "--sku", "V8", "--sku", "V9", "--group", "lampor")

    assert "no item is called or belongs to V8;" in result.stderr
    assert "no item is called or belongs to lampor;" in result.stderr
    assert "V9" not in result.stderr
    assert (
        "rule 1 is not for On order. If On order is to become Sold out at 0 too, add a rule" in result.stderr
    )


def test_what_stands_is_told_and_may_be_included(run, shop):
    stock.set_status(shop, "V2", "sold_out")
    with shop.database.write() as tx:
        tx.execute("UPDATE stock_items SET pinned = 1 WHERE sku = 'V3'")

    shown = run("add", *FALLS_TO_3, "--yes")
    run("apply", "--include-by-hand", "--yes")

    assert "0 of 4 items change their stock status." in shown.stdout
    assert "since a person set their stock status: 1 (--include-by-hand" in shown.stdout
    assert "since their stock status is pinned: 1." in shown.stdout
    assert statuses(shop) == {"V0": "sold_out", "V2": "on_order", "V3": "in_stock", "V9": "in_stock"}


# ── remove ───────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_is_removed_by_its_number(run, toml):
    run("add", *FALLS_TO_3, "--yes")

    result = run("remove", "1", "--yes")

    assert (
        "Rule 1 is removed: In stock → Sold out when the balance falls to 0, back at 1 (all items)"
        in result.stdout
    )
    assert written(toml) == [NEW]


def test_a_shop_without_the_shipped_rule_has_none_at_all(run, toml, shop):
    result = run("remove", "1", "--yes")
    listed = run("list")

    assert "those that ship are written there first" in result.stdout
    assert written(toml) == []
    assert (listed.stdout, listed.stderr) == ("No rules.\n", "")
    assert stock.item(shop, "V0").status == "sold_out"


@pytest.mark.parametrize("number", ["0", "2", "-1"])
def test_a_rule_that_is_not_there_cannot_be_removed(run, toml, number):
    before = toml.read_bytes()

    result = run("remove", "--yes", "--", number)

    assert result.exit_code == 1
    assert f"There is no rule {number}. See `ashop stock rules list`." in result.stderr
    assert toml.read_bytes() == before


def test_comments_stay_where_they_are(run, toml):
    toml.write_text(
        toml.read_text(encoding="utf-8")
        + "\n# Slut är slut.\n[[plugins.stock_control.rules]]\nwhen = \"falls_to\"\nthreshold = 0  # noll\n"
        'from = ["in_stock"]\nto = "sold_out"\n\n# Posten kostar.\n[delivery.post]\nprice = 4900\n'
    )  # fmt: skip
    before = toml.read_text(encoding="utf-8")

    run("add", *FALLS_TO_3, "--yes")
    longer = toml.read_text(encoding="utf-8")
    run("remove", "2", "--yes")

    assert 'to = "on_order"\n\n# Posten kostar.\n[delivery.post]\n' in longer
    assert toml.read_text(encoding="utf-8") == before


# ── try ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_is_tried_over_the_last_thirty_days(run, toml, shop, clock):
    before = toml.read_bytes()
    stock.receive(shop, "V9", 1)
    place_order(shop, some_lines("V9", quantity=8))  # 10 → 2, long ago
    clock.advance(days=31)
    stock.receive(shop, "V9", 8)
    for _ in range(2):
        place_order(shop, some_lines("V9", quantity=7))  # 10 → 3, twice
        stock.receive(shop, "V9", 7)
    stock.set_status(shop, "V9", "discontinued")
    stock.receive(shop, "V9", 1)

    result = run("try", *FALLS_TO_3, "--back-at", "5")
    figures = json.loads(run("try", *FALLS_TO_3, "--back-at", "5", "--json").stdout)

    assert (
        "In the last 30 days it would have fired 2 times, for 1 item; rules would have changed"
        in result.stdout
    )
    assert "2 of 4 items change their stock status:" in result.stdout
    assert "Tried: nothing was changed." in result.stderr
    assert figures["fired"] == {
        "days": 30, "times": 2, "items": 1, "status_changes": 4, "status_changes_without": 0,
    }  # fmt: skip
    assert toml.read_bytes() == before
    assert stock.item(shop, "V2").status == "in_stock"


def test_a_trial_sees_what_others_rules_did_and_reads_a_page_at_a_time(run, shop, monkeypatch):
    from ashop_stock_control import rule_trial

    monkeypatch.setattr(rule_trial, "_ITEMS", 1)
    monkeypatch.setattr(rule_trial, "_ROWS", 2)
    for _ in range(5):
        place_order(shop, some_lines("V9", quantity=9))  # 9 → 0, and the shipped rule fires
        stock.receive(shop, "V9", 9)
    rule = Rule(when=When.FALLS_TO, threshold=0, from_=("sold_out",), to="discontinued")

    found = stock.try_rule(shop, rule).firings

    assert (found.times, found.items, found.changes, found.changes_without) == (1, 1, 1, 10)


def test_a_trial_keeps_what_people_set(shop):
    stock.set_status(shop, "V9", "discontinued")
    stock.adjust(shop, "V9", -8)
    stock.set_status(shop, "V9", "in_stock")

    found = stock.try_rule(
        shop, Rule(when=When.FALLS_TO, threshold=3, from_=("in_stock",), to="on_order")
    ).firings

    assert (found.times, found.changes) == (0, 0)


# ── apply, and what comes in between ─────────────────────────────────────────────────────────────


def test_a_file_edited_by_hand_is_applied(run, toml, shop):
    toml.write_text(
        toml.read_text(encoding="utf-8")
        + '[[plugins.stock_control.rules]]\nwhen = "falls_to"\nthreshold = 3\nfrom = ["in_stock"]\nto = "on_order"\n'
    )

    dry = run("apply", "--dry-run")
    done = run("apply", input="y\n")
    again = run("apply")

    assert "2 of 4 items change their stock status:" in dry.stdout
    assert "2 items got another stock status." in done.stdout
    assert again.stdout == "0 of 4 items change their stock status.\n"
    assert "[y/N]" not in again.stderr
    assert statuses(shop)["V2"] == "on_order"


def test_a_change_that_was_killed_between_the_file_and_the_items_is_finished_by_apply(run, shop, toml):
    planned = stock.plan_rule(shop, Rule(when=When.FALLS_TO, threshold=3, from_=("in_stock",), to="on_order"))
    shop.close()
    child = os.fork()
    if child == 0:
        planned.revision.write()
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    with Shop.open(toml.parent) as shop:
        told = [problem.text for problem in health.problems(shop)]

    result = run("apply", "--yes")

    assert [text.en for text in told] == [
        "2 items have another stock status than the rules say (such as V2: In stock, should be On order): "
        "run `ashop stock rules apply`"
    ]
    assert "2 artiklar har en annan lagerstatus än reglerna säger (som V2: Lagervara" in told[0].sv
    assert "2 items got another stock status." in result.stdout
    with Shop.open(toml.parent) as shop:
        assert health.problems(shop) == []


def test_doctor_says_nothing_of_what_people_set_or_pinned(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "A", balance=5, status="sold_out")
    stock.add_item(shop, "B", balance=5)
    stock.set_status(shop, "B", "sold_out")
    stock.add_item(shop, "C", balance=5)
    with shop.database.write() as tx:
        tx.execute("UPDATE stock_items SET status = 'sold_out', pinned = 1 WHERE sku = 'C'")

    assert health.problems(shop) == []
    assert reevaluating.preview(shop).by_hand == 2


def test_a_file_that_somebody_changes_while_it_is_asked_about_is_left_alone(shop, toml):
    planned = stock.plan_rule(shop, Rule(when=When.FALLS_TO, threshold=3, from_=("in_stock",), to="on_order"))
    toml.write_text(theirs := toml.read_text(encoding="utf-8") + "# min\n", encoding="utf-8")

    with pytest.raises(Conflict, match=r"ashop\.toml was changed by somebody else"):
        stock.change_rules(shop, planned)

    assert toml.read_text(encoding="utf-8") == theirs
    assert stock.item(shop, "V2").status == "in_stock"


def test_rules_that_were_replaced_meanwhile_have_not_the_last_word(shop, toml, monkeypatch):
    planned = stock.plan_rule(shop, Rule(when=When.FALLS_TO, threshold=3, from_=("in_stock",), to="on_order"))
    monkeypatch.setattr(reevaluating, "AT_ONCE", 1)
    bring = reevaluating._Work.bring

    def then_changed(self, skus):
        done = bring(self, skus)
        toml.write_text(toml.read_text(encoding="utf-8") + "# min\n", encoding="utf-8")
        return done

    monkeypatch.setattr(reevaluating._Work, "bring", then_changed)

    with pytest.raises(Conflict, match=r"while the items were judged.*`ashop stock rules apply`"):
        stock.change_rules(shop, planned)

    assert [stock.item(shop, sku).status for sku in ("V2", "V3")] == ["on_order", "in_stock"]


def test_many_who_add_rules_at_once_lose_none(shop, toml, race):
    def add(shop, worker, n):
        rule = Rule(
            when=When.FALLS_TO, threshold=-1000 - 10 * worker - n, from_=("sold_out",), to="discontinued"
        )
        stock.change_rules(shop, stock.plan_rule(shop, rule))
        return rule.threshold

    told = race(shop, add, processes=3, tries=5)

    assert told.errors == []
    assert {each.value for each in told.accepted} <= {rule["threshold"] for rule in written(toml)}


def test_a_shop_whose_file_is_not_in_order_is_told_so(run, shop, toml):
    toml.write_text(toml.read_text(encoding="utf-8").replace('"open"', '"opn"'), encoding="utf-8")

    with pytest.raises(AshopError, match=r"policy: the policy opn will not do"):
        rule_editing.shop_rules(shop)

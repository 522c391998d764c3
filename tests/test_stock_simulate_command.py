"""`ashop stock simulate`: tells in both languages what would have come of the orders, draws it, and changes nothing."""

import json
import re
from xml.etree import ElementTree

import pytest

from ashop_core.testing import place_order, some_lines
from ashop_stock_control import stock
from tests.shops import dump

LIMIT = """
from ashop_core import Text, hookimpl
from ashop_stock_control import refuse

@hookimpl
def ashop_stock_check(question):
    if question.demand > 2:
        return refuse("two_each", Text("Högst två var", "At most two each"))
"""


@pytest.fixture
def shop(make_shop, clock):
    """Four orders of three lamps, five of which there are, in a shop that refuses nothing."""
    files = {"plugins/limit.py": LIMIT, "plugins/idle.py": "from ashop_core import hookimpl\n"}
    shop = make_shop("stock_control", toml="[plugins.stock_control]\nrules = []\n", files=files)
    stock.add_item(shop, "LAMPA", "Lampa <Norrsken> & Co", balance=5)
    for _ in range(4):
        clock.advance(hours=30)
        place_order(shop, some_lines("LAMPA", quantity=3))
    return shop


def told(ashop, *args, **kwargs):
    result = ashop("stock", "simulate", *args, **kwargs)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.replace("\N{NO-BREAK SPACE}", " ").split())


def document(ashop, *args):
    return json.loads(ashop("stock", "simulate", "--json", *args).stdout)


@pytest.mark.usefixtures("shop")
def test_it_compares_what_is_tried_with_what_applies(ashop):
    swedish, english = told(ashop, "--policy", "strict"), told(ashop, "--policy", "strict", lang="en")

    assert "nekade 0 3 +3" in swedish
    assert "Översålda gånger 3 0 −3" in swedish
    assert "Förlorad försäljning 0,00 kr 900,00 kr +900,00 kr" in swedish
    assert "refused 0 3 +3" in english
    assert "lowest balance −7 2 +9" in english
    assert "0 → 3 SEK 900.00 7 → 0 −7 → 2" in english


@pytest.mark.usefixtures("shop")
def test_without_anything_tried_it_tells_of_the_present_settings(ashop):
    assert "översålda stycken 7" in told(ashop)
    assert document(ashop)["runs"].keys() == {"now"}


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        (["--policy", "strict"], 3),
        (["--policy", "up_to(1)"], 2),
        (["--policy", "strict", "--margin", "3"], 4),
        (["--policy", "strict", "--orders", "2"], 2),
        (["--policy", "strict", "--until", "2026-11-25"], 0),
        (["--policy", "strict", "--sku", "LAMPA"], 3),
        (["--falls-to", "0", "--from", "lagervara", "--to", "slut"], 2),
        (["--falls-to", "2", "--from", "in_stock", "--to", "sold_out", "--back-at", "4"], 3),
        (["--plugin", "local:limit"], 4),
        (["--no-plugins", "--plugin", "local:limit"], 4),
        (["--no-rules"], 0),
    ],
)
@pytest.mark.usefixtures("shop")
def test_what_is_tried(ashop, options, refused):
    found = document(ashop, *options)

    assert (found["runs"]["now"]["refused"], found["runs"]["tried"]["refused"]) == (0, refused)


def test_a_whole_settings_file_can_be_tried(ashop, shop, tmp_path):
    text = (shop.settings.folder / "ashop.toml").read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(
        text
        + 'policy = "up_to(4)"\n[plugins.stock_control.statuses.in_stock]\nlabel = { sv = "Ja", en = "Yes" }\n'
    )

    assert document(ashop, "--settings", str(other))["runs"]["tried"]["refused"] == 1


def test_plugins_that_are_enabled_can_be_left_out(make_shop, ashop, clock):
    shop = make_shop("stock_control", "local:limit", files={"plugins/limit.py": LIMIT})
    stock.add_item(shop, "LAMPA", balance=50)
    place_order(shop, some_lines("LAMPA", quantity=2))

    assert document(ashop, "--no-plugins")["trial"]["no_plugins"]
    assert document(ashop, "--policy", "strict")["runs"]["tried"]["reasons"] == {}


@pytest.mark.usefixtures("shop")
def test_the_document_has_everything(ashop):
    found = document(ashop, "--policy", "strict")
    now, tried = found["runs"]["now"], found["runs"]["tried"]

    assert (now["orders"], now["lines"], now["pieces"]) == (4, 4, 12)
    assert tried["reasons"] == {"policy strict": {"orders": 3, "pieces": 9}}
    assert tried["lost"] == {"SEK": 90_000}
    assert [day["refused"] for day in tried["days"]] == [1, 1, 1]
    assert found["items"][0]["tried"]["refused"] == 3
    assert found["items"][0]["now"]["oversold_pieces"] == 7
    assert found["items"][0]["now"]["days_in_status"] == {"in_stock": 3.75}


def test_nothing_is_changed(ashop, shop, tmp_path):
    before = dump(shop)

    told(ashop, "--policy", "strict", "--plugin", "local:limit", "--picture", str(tmp_path / "p.svg"))

    assert dump(shop) == before


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("options", [[], ["--policy", "strict"]])
@pytest.mark.usefixtures("shop")
def test_the_picture_stands_alone_and_is_the_same_each_time(ashop, tmp_path, lang, options):
    paths = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in paths:
        told(ashop, *options, "--picture", str(path), lang=lang)
    drawn = paths[0].read_text(encoding="utf-8")

    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    words = " ".join(root.itertext())

    assert paths[1].read_text(encoding="utf-8") == drawn
    assert "Lampa <Norrsken> & Co" in words
    assert ("Nekade ordrar" if lang == "sv" else "Orders refused") in words
    assert not re.search(r"<script|href=|url\(|@import|on\w+=", drawn)
    assert {e.tag.partition("}")[2] for e in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "path", "g",
    }  # fmt: skip


@pytest.mark.usefixtures("shop")
def test_a_picture_that_cannot_be_written_is_told(ashop, tmp_path):
    result = ashop("stock", "simulate", "--picture", str(tmp_path / "no" / "p.svg"), lang="en")

    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)


@pytest.mark.usefixtures("shop")
def test_the_table_fits_eighty_columns(ashop):
    lines = ashop("stock", "simulate", "--policy", "strict", "--margin", "1", "--all").stdout.splitlines()

    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--policy", "stric"], 1, "open, strict or up_to(N)"),
        (["--margin", "-1"], 1, "from 0 to"),
        (["--plugin", "strikt"], 1, "Installed are:"),
        (["--plugin", "local:nothing"], 1, "there is no file plugins/nothing.py"),
        (["--plugin", "local:idle"], 1, "has no stock rule"),
        (["--policy", "strict", "--sku", "lampa"], 1, "Did you mean LAMPA?"),
        (["--policy", "strict", "--group", "ljus"], 1, "no item in the group ljus"),
        (["--sku", "LAMPA"], 1, "Say what to try"),
        (["--since", "yesterday"], 1, "is not a time"),
        (["--since", "2031-01-01"], 1, "No orders were placed then"),
        (["--until", "1999-01-01"], 1, "No orders were placed then"),
        (["--orders", "0"], 2, "--orders"),
        (["--orders", "5", "--since", "2026-01-01"], 2, "not both"),
        (["--start", "-1"], 2, "--start"),
        (["--falls-to", "0"], 2, "a rule is written"),
        (
            ["--falls-to", "0", "--rises-to", "3", "--from", "in_stock", "--to", "sold_out"],
            2,
            "a rule is written",
        ),
        (["--to", "sold_out"], 2, "belong to a rule"),
        (["--falls-to", "0", "--from", "in_stok", "--to", "sold_out"], 1, "Did you mean in_stock?"),
        (["--falls-to", "3", "--from", "in_stock", "--to", "sold_out", "--back-at", "2"], 1, "above 3"),
        (["--settings", "nowhere.toml"], 1, "cannot be read"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_what_cannot_be_tried_is_told_with_the_remedy(ashop, options, code, words):
    result = ashop("stock", "simulate", *options, lang="en")

    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_shop_without_orders_is_told_so(make_shop, ashop):
    make_shop("stock_control")

    result = ashop("stock", "simulate")

    assert (result.exit_code, "inga lagda ordrar" in result.stderr) == (1, True)


def test_a_rule_that_fails_is_named(make_shop, ashop, clock):
    broken = LIMIT.replace("if question.demand > 2:", "if 1 / 0:")
    shop = make_shop("stock_control", files={"plugins/limit.py": broken})
    stock.add_item(shop, "LAMPA", balance=5)
    clock.advance(hours=1)
    place_order(shop)

    result = ashop("stock", "simulate", "--plugin", "local:limit", lang="en")

    assert (result.exit_code, "local:limit failed in ashop_stock_check" in result.stderr) == (1, True)

"""What a channel answers wrongly is told with its name and its place, and harms nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashop_core import PluginError, Shop
from ashop_core.channels import IncomingReport
from ashop_core.message_preview import PreviewRequest
from ashop_core.models import Delivery
from ashop_core.resend_copy import Resend
from ashop_core.testing import MakeShop, place_order, write_shop
from tests.conftest import Ashop

ODD = """from ashop_core import Text, hookimpl
from ashop_core.models import ArrivalReport, Rendered


class Odd:
    code = "odd"
    label = Text("Udda", "Odd")

    def recipient(self, customer):
        return "07"

    def address(self, text):
        return text

    def render(self, context):
        return Rendered(subject="", body="Hej")

    def send(self, message, rendered, within):
        return "taken"

    def read_report(self, report):
        yield from ()


@hookimpl
def ashop_register_channels():
    return [Odd()]
"""
"""A sound channel, of which each case makes one line another."""


def odd_shop(make_shop: MakeShop, old: str = "", new: str = "", toml: str = "") -> Shop:
    assert old in ODD
    toml = f'{toml}\n[statuses.received]\nnotify = ["odd"]\n'
    return make_shop("local:odd", toml=toml, files={"plugins/odd.py": ODD.replace(old, new, 1)})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[Odd()]", "[Odd]", "gave the class Odd: give an object, Odd(…)"),
        ('code = "odd"', 'code = "o dd"', "the channel's code is “o dd”: write it with a–z, 0–9 and _"),
        ('code = "odd"', 'code = "odd/a"', "the channel's code is “odd/a”"),
        ('code = "odd"', "code = 7", "the channel's code is “7”"),
        ('Text("Udda", "Odd")', '"Udda"', "the label of the channel odd is no Text(swedish, english)"),
    ],
)
def test_what_is_no_channel_does_not_open_the_shop(
    make_shop: MakeShop, old: str, new: str, words: str
) -> None:
    with pytest.raises(PluginError) as told:
        odd_shop(make_shop, old, new)

    assert words in str(told.value)
    assert "local:odd, ashop_register_channels" in str(told.value)


@pytest.mark.parametrize("nothing", ['""', '"  "', '"a\\nb"', '"a\\0"', '"\\ud800"'])
def test_what_can_be_no_address_is_none(make_shop: MakeShop, nothing: str) -> None:
    shop = odd_shop(make_shop, 'return "07"', f"return {nothing}")

    order = place_order(shop)

    assert shop.messages(order) == []


def test_an_address_of_another_kind_refuses_the_change_and_names_the_channel(make_shop: MakeShop) -> None:
    shop = odd_shop(make_shop, 'return "07"', "return 7")

    with pytest.raises(PluginError) as told:
        place_order(shop)

    assert (
        str(told.value) == "the plugin odd, recipient: returned the wrong kind of thing: int, not str | None"
    )


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ('"Hej"', "the plugin odd, render: returned the wrong kind of thing: str, not Rendered"),
        ("None", "the plugin odd, render: returned the wrong kind of thing: NoneType, not Rendered"),
        (
            'Rendered(subject="", body=["Hej"])',
            "the plugin odd, render, body: returned the wrong kind of thing: list, not str",
        ),
        (
            'Rendered(subject=None, body="Hej")',
            "the plugin odd, render, subject: returned the wrong kind of thing: NoneType, not str",
        ),
        (
            "context.nothing",
            "the plugin odd failed in render: AttributeError: 'MessageContext' object has no attribute 'nothing' "
            "(odd.py, line 16)",
        ),
    ],
)
def test_words_that_are_none_are_told_by_the_message_and_the_preview(
    make_shop: MakeShop, new: str, words: str
) -> None:
    shop = odd_shop(make_shop, 'Rendered(subject="", body="Hej")', new)
    order = place_order(shop)

    shop.deliver(order)

    (message,) = shop.messages(order)
    (preview,) = shop.preview_messages(PreviewRequest(status="received"))
    assert (message.delivery, message.why.en) == (Delivery.WAITING, words)
    assert [one.why.en for one in preview.messages] == [words]


def test_the_check_of_the_settings_finds_a_channel_that_cannot_word_a_message(
    ashop: Ashop, tmp_path: Path
) -> None:
    broken = ODD.replace('body="Hej"', "body=context.staff.note")
    write_shop(
        tmp_path / "shop",
        "local:odd",
        toml='[statuses.received]\nnotify = ["odd"]',
        files={"plugins/odd.py": broken},
    )

    said = ashop("settings", "check", lang="en")

    fault = "the plugin odd failed in render: AttributeError: 'NoneType' object has no attribute 'note' (odd.py, line 16)"
    assert said.exit_code == 1
    assert said.output.count(fault) == 1


def test_a_sending_that_fails_names_the_channel_the_file_and_the_line(make_shop: MakeShop) -> None:
    shop = odd_shop(make_shop, 'return "taken"', "return 1 / 0")
    order = place_order(shop)

    shop.deliver(order)

    (message,) = shop.messages(order)
    assert (message.delivery, message.why.sv) == (
        Delivery.WAITING,
        "insticksmodulen odd gick fel i send: ZeroDivisionError: division by zero (odd.py, rad 19)",
    )


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (
            "return [1]",
            "the plugin odd, read_report: returned the wrong kind of thing: int, not ArrivalReport",
        ),
        (
            "yield 1 / 0",
            "the plugin odd failed in read_report: ZeroDivisionError: division by zero (odd.py, line 22)",
        ),
    ],
)
def test_a_report_that_the_channel_stumbles_over_names_it(make_shop: MakeShop, new: str, words: str) -> None:
    shop = odd_shop(make_shop, "yield from ()", new)

    with pytest.raises(PluginError) as told:
        shop.take_report("odd", IncomingReport())

    assert str(told.value) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("return 'long'", "the plugin odd, describe: returned the wrong kind of thing: str, not Text"),
        (
            "return 1 / 0",
            "the plugin odd failed in describe: ZeroDivisionError: division by zero (odd.py, line 22)",
        ),
    ],
)
def test_a_description_that_fails_names_the_channel_and_the_words_are_shown(
    make_shop: MakeShop, line: str, words: str
) -> None:
    describe = f"def describe(self, rendered, recipient):\n        {line}\n\n    "
    shop = odd_shop(make_shop, "def read_report", f"{describe}def read_report")
    order = place_order(shop)
    shop.deliver(order)

    (status,) = shop.preview_messages(PreviewRequest(status="received"))
    (preview,) = status.messages

    assert preview.rendered is not None
    assert preview.described.en == words
    assert shop.message(shop.messages(order)[0].id).described.en == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("return None", "the plugin odd, domain: returned the wrong kind of thing: NoneType, not str"),
        (
            "return 1 / 0",
            "the plugin odd failed in domain: ZeroDivisionError: division by zero (odd.py, line 22)",
        ),
    ],
)
def test_a_domain_that_is_none_refuses_the_change_and_names_the_channel(
    make_shop: MakeShop, line: str, words: str
) -> None:
    domain = f"def domain(self, recipient):\n        {line}\n\n    "
    shop = odd_shop(make_shop, "def read_report", f"{domain}def read_report")

    with pytest.raises(PluginError) as told:
        place_order(shop)

    assert str(told.value) == words


@pytest.mark.parametrize(
    ("method", "command", "words"),
    [
        ("written(self): return 1 / 0", "message mailbox", "failed in written: ZeroDivisionError"),
        ("written(self): return [7]", "message mailbox", "written: returned the wrong kind of thing: int"),
        ("has_template(self, t, l): return 1 / 0", "flow check", "failed in has_template: ZeroDivisionError"),
        (
            "template_problems(self, samples): yield 1 / 0",
            "settings check",
            "division by zero (odd.py, line 12)",
        ),
        (
            "unused_templates(self, samples): return ['x']",
            "flow check",
            "returned the wrong kind of thing: str",
        ),
        ("close(self): 1 / 0", "message list", "failed in close: ZeroDivisionError"),
    ],
)
def test_what_fails_in_a_command_is_told_without_a_traceback(
    ashop: Ashop, tmp_path: Path, method: str, command: str, words: str
) -> None:
    methods = """
    def has_template(self, template, language): return True
    def template_problems(self, samples): return []
    def unused_templates(self, samples): return []
"""
    source = ODD.replace("\n    def recipient", f"{methods}    def {method}\n\n    def recipient", 1)
    toml = '[statuses.received]\nnotify = ["odd"]'
    write_shop(tmp_path / "shop", "local:odd", toml=toml, files={"plugins/odd.py": source})

    said = ashop(*command.split(), lang="en")

    assert said.exit_code == 1, said.output
    assert words in said.output
    assert "the plugin odd" in said.output


def test_an_address_for_a_copy_that_can_be_none_is_refused(make_shop: MakeShop) -> None:
    shop = odd_shop(make_shop)
    order = place_order(shop)
    shop.deliver(order)

    with pytest.raises(Exception, match="no address that Odd can send to"):
        shop.preview_resend(shop.messages(order)[0].id, Resend(to="  "))

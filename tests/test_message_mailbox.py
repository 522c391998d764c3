"""`ashop message mailbox`: what was written to files instead of being sent."""

import json
import os
import re
import subprocess
import sys
from html import unescape

import pytest

from ashop_core.testing import place_order, some_customer


@pytest.fixture
def shop(make_shop, clock):
    """A shop with a mail written at noon and, an hour later, an SMS."""
    shop = make_shop("email", "sms", toml='[[statuses.reviewed.messages]]\nchannels = ["sms"]')
    order = place_order(shop, customer=some_customer(name="<script>alert(1)</script>"))
    shop.approve(order)
    clock.advance(hours=1)
    shop.change_status(order, "reviewed")
    shop.deliver()
    return shop


def test_it_lists_mails_and_sms_the_newest_first(ashop, shop):
    found = json.loads(ashop("message", "mailbox", "--json").stdout)

    assert [(row["channel"], row["recipient"]) for row in found] == [
        ("sms", "+46701740605"),
        ("email", "asa@example.se"),
    ]
    assert found[1]["subject"].startswith("Tack för din beställning")
    assert found[1]["file"] == "outbox/00000001-received.eml"
    assert [row["written"] for row in found] == ["2026-11-23T13:00:00.000000Z", "2026-11-23T12:00:00.000000Z"]


def test_it_is_a_table_for_people_and_csv_for_machines(ashop, shop):
    assert "Skrivet" in ashop("message", "mailbox").stdout
    assert "Written" in ashop("message", "mailbox", lang="en").stdout
    assert ashop("message", "mailbox", "--csv").stdout.startswith("written,channel,recipient,subject,file")


def test_a_shop_that_wrote_nothing_says_so(ashop, make_shop):
    make_shop("email", "sms")

    assert ashop("message", "mailbox").stdout == "Inga filer.\n"
    assert ashop("message", "mailbox", "--json", "--open").stdout == "[]\n"


def test_it_says_that_it_is_for_trying_out(ashop, shop):
    assert "För att prova" in ashop("message", "mailbox", "--help").stdout
    assert "For trying out" in ashop("message", "mailbox", "--help", lang="en").stdout


def test_what_else_lies_in_the_folder_does_no_harm(ashop, shop):
    outbox = shop.settings.path("outbox")
    (outbox / "notes.txt").write_text("Ring Bo", encoding="utf-8")
    (outbox / "odd.eml").write_bytes(b"\xff\0Subject")
    (outbox / "bad.eml").write_bytes(b"Content-Type: text/plain; charset=nonsense\nTo: \xe5 <\n\n\xe5")

    found = json.loads(ashop("message", "mailbox", "--json").stdout)

    assert {row["file"] for row in found} >= {
        "outbox/00000001-received.eml",
        "outbox/odd.eml",
        "outbox/bad.eml",
    }
    assert "outbox/notes.txt" not in {row["file"] for row in found}


def test_the_page_holds_everything_and_can_run_and_fetch_nothing(shop, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nprintf %s "$1" > "$(dirname "$0")/opened"\n')
    browser.chmod(0o755)

    subprocess.run(
        [sys.executable, "-m", "ashop_core", "--shop", str(shop.settings.path(".")), "message", "mailbox", "--open"],
        env={**os.environ, "BROWSER": f"{browser} %s"}, check=True, capture_output=True,
    )  # fmt: skip

    path = shop.settings.path("outbox") / "mailbox.html"
    page = path.read_text(encoding="utf-8")
    (mail,) = re.findall(r'<iframe class="desk" sandbox srcdoc="([^"]*)"', page)
    assert (tmp_path / "opened").read_text() == path.as_uri()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "Tack för din beställning" in unescape(mail)
    assert page.count("<details") == 2

"""The pages on messages and channels hold: their settings are settings, their template is one, their channel sends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ashop_core.shop import Shop
from ashop_core.testing import write_shop
from ashop_core.testing.receivers import Copy, Request, WebReceiver
from tests.conftest import Ashop

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OTHERS = '[shop]\nname = "Villa & Värme"\n[plugins]\nenabled = ["email", "sms"]\n'
ORDER = (
    "--line", "LAMP=1@199:Lamp <Aurora>", "--name", "Åsa Öberg", "--email", "asa@example.se", "--phone", "070-1740605",
    "--street", "Storgatan 1", "--postal-code", "114 21", "--city", "Stockholm", "--payment", "invoice",
)  # fmt: skip


def blocks(page: str, kind: str) -> list[tuple[str, str]]:
    """Return what stands behind the opening of each such block of a page, and the block."""
    found = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    return [(more, body) for block_kind, more, body in found if block_kind == kind]


def written(home: Path, toml: str) -> Path:
    write_shop(home)
    text = toml if "[shop]" in toml else OTHERS + toml
    (home / "ashop.toml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize(
    "toml", [body for page in ("messages.md", "messages-gateways.md") for _, body in blocks(page, "toml")]
)
def test_the_settings_of_the_pages_are_settings(toml, tmp_path, ashop: Ashop):
    written(tmp_path / "shop", toml)
    secrets = dict.fromkeys(re.findall(r'env = "(\w+)"', toml), "hemligt")

    checked = ashop("settings", "check", lang="en", env=secrets)

    assert checked.exit_code == 0, checked.output
    assert "in order" in checked.output


def test_the_template_of_the_page_is_one(tmp_path, ashop: Ashop):
    ((_, template),) = blocks("messages.md", "jinja")
    home = written(tmp_path / "shop", OTHERS)
    path = home / "templates" / "email" / "shipped.en.txt"
    path.parent.mkdir(parents=True)
    path.write_text(template, encoding="utf-8")

    checked = ashop("settings", "check", lang="en")
    shown = ashop("message", "preview", "--status", "shipped", "--language", "en", lang="en")

    assert checked.exit_code == 0, checked.output
    assert "The parcel has the number UA123456785SE." in shown.output


def test_the_channel_of_the_page_sends_what_the_command_line_causes(tmp_path, ashop: Ashop, monkeypatch):
    home = tmp_path / "shop"
    for more, body in [*blocks("channels.md", "toml"), *blocks("channels.md", "python")]:
        name = home / more.strip().removeprefix("file=chat/")
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_text(body, encoding="utf-8")

    def take(request: Request) -> Copy:
        said = json.loads(request.body)
        return Copy(to=said["channel"], words=said["text"], id=request.headers["idempotency-key"])

    with WebReceiver(take) as receiver:
        monkeypatch.setenv("CHAT_URL", receiver.url)
        for words in (("new", *ORDER), ("status", "100001", "reviewed")):
            assert ashop("order", *words).exit_code == 0

        staff, customer = receiver.copies()

    assert (staff.to, customer.to) == ("#orders", "#asa")
    assert staff.words == "100001: Received\n1 × Lamp &lt;Aurora&gt;"
    assert customer.words == "100001: In progress\n1 × Lamp &lt;Aurora&gt;"
    assert staff.id != customer.id
    with Shop.open(home) as shop:
        assert [m.receipt for m in shop.messages(shop.order(100001))] == ["ok", "ok"]

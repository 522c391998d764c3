"""The channel with templates of docs/channels.md goes through the suite, and its owner can change its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashop_core.shop import Shop
from ashop_core.testing import MakeShop, place_order
from ashop_core.testing.channel_suite import ChannelSuite
from ashop_core.testing.receivers import Behaviour, Copy, Receiver
from tests.test_docs_messages import blocks

((_, SOURCE),) = [
    (more, body) for more, body in blocks("channels.md", "python") if "letters/plugins/letters.py" in more
]
((_, TEMPLATE),) = blocks("channels.md", "jinja")
FILES = {
    "plugins/letters.py": SOURCE,
    **{
        f"plugins/letter_templates/{name}.{language}.txt": TEMPLATE
        for name in ("status", "staff")
        for language in ("sv", "en")
    },
}
TOML = '[statuses.received]\nnotify = ["letters"]'


class Folder:
    """The folder that letters are printed from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def behave(self, how: Behaviour) -> None:
        if how is Behaviour.DOWN:
            self.path.write_text("in the way", encoding="utf-8")
        elif how is not Behaviour.WORKS:
            pytest.skip("a folder says no to nobody")

    def copies(self) -> list[Copy]:
        return [
            self._copy(path) for path in sorted(self.path.glob("*.txt"), key=lambda p: p.stat().st_mtime_ns)
        ]

    def _copy(self, path: Path) -> Copy:
        to, _, words = path.read_text(encoding="utf-8").partition("\n\n")
        return Copy(to=to, words=words, id=path.stem)


class TestLetters(ChannelSuite):
    code = "letters"

    @pytest.fixture
    def shop(self, make_shop: MakeShop) -> Shop:
        return make_shop("local:letters", toml=TOML, files=FILES)

    @pytest.fixture
    def receiver(self, shop: Shop) -> Receiver:
        return Folder(shop.settings.path("letters"))

    @pytest.fixture
    def unreachable(self) -> None:
        return None


def test_the_shops_own_words_go_before_those_of_the_plugin(make_shop: MakeShop) -> None:
    own = {"templates/letters/received.sv.txt": "Tack {{ name }}!"}
    shop = make_shop("local:letters", toml=TOML, files=FILES | own)
    order = place_order(shop)

    shop.deliver(order)

    (message,) = shop.messages(order)
    assert message.rendered is not None
    assert message.rendered.body == "Tack Åsa Öberg!"

"""The channel of docs/channels.md with its test, and the same with all that a channel may offer beside sending."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from ashop_core.channels import IncomingReport

PAGE = Path(__file__).resolve().parent.parent / "docs" / "channels.md"
_BLOCKS = re.findall(
    r"^```python[^\n]*\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
(CHAT,) = (block for block in _BLOCKS if "class Chat:" in block)
(TEST,) = (block for block in _BLOCKS if "class TestChat" in block)

MORE = """
    def has_template(self, template, language):
        return template in ("received", "shipped")

    def template_problems(self, samples):
        return [Problem("odd", Text("fel", "wrong")) for sample in samples if not self.render(sample).body]

    def unused_templates(self, samples):
        return []

    def close(self):
        self.closed = True

    def written(self):
        return [WrittenFile(path=Path("1.txt"), at=datetime(2026, 11, 23, tzinfo=UTC), to="#asa", body="Hej")]

    def domain(self, recipient):
        return recipient.removeprefix("#")[:1]

    def count(self, tx, sending):
        tx.insert("chat_sendings", {"at": to_iso(sending.now)})
        row = tx.row("SELECT COUNT(*) AS n FROM chat_sendings")
        if row["n"] > 100:
            raise DeliveryError("enough for today")

    def describe(self, rendered, recipient):
        n = len(rendered.body)
        return Text(f"{n} tecken", f"{n} characters")

    def read_report(self, report):
        expected = hmac.new(b"key", report.body, hashlib.sha256).hexdigest()
        if report.headers.get("signature") != expected:
            raise Forbidden("this report is not genuine")
        said = json.loads(report.body)
        return [ArrivalReport(message_id=said["id"], arrival=Arrival(said["arrival"]))]

    def send("""
TABLES = """
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

from ashop_core import Problem
from ashop_core.channels import WrittenFile
from ashop_core.clock import to_iso
from ashop_core.errors import Forbidden
from ashop_core.models import Arrival, ArrivalReport
from ashop_core.tables import Migration, Table, integer, text

@hookimpl
def ashop_register_tables():
    table = Table(name="chat_sendings", columns=(integer("id"), text("at")), key=("id",))
    return (Migration(name="m001_chat", create=(table,)),)
"""
FULL = CHAT.replace("\n    def send(", MORE) + TABLES


def _example() -> Any:
    module = ModuleType("example")
    exec(compile(TEST, str(PAGE), "exec"), vars(module))  # noqa: S102 - our own page
    return module.TestChat


Example: Any = _example()


class ChatSuite(Example):  # type: ignore[misc]  # made from the page
    """The example's own test; `text` is the plugin."""

    text = CHAT

    def source(self):
        return self.text


class FullSuite(ChatSuite):
    """The same for a channel that offers everything."""

    text = FULL

    def genuine(self, shop, message, arrival):
        return _report(message, arrival, b"key")

    def forged(self, shop, message, arrival):
        genuine = _report(message, arrival, b"key")
        other = _report(message, "failed", b"key")
        return [
            _report(message, arrival, b"guessed"),
            IncomingReport(body=genuine.body),
            IncomingReport(body=other.body, headers=genuine.headers),
        ]


def _report(message, arrival, key):
    body = json.dumps({"id": message.message_id, "arrival": str(arrival)}).encode()
    return IncomingReport(body=body, headers={"signature": hmac.new(key, body, hashlib.sha256).hexdigest()})

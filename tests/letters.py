"""Shops whose e-mail is a channel of the test's own: what an address does when it is written to is in its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ashop_core.channels import IncomingReport
from ashop_core.models import Message, Order
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, write_shop

LETTERS = """
from pathlib import Path

from ashop_core import Text, hookimpl
from ashop_core.errors import DeliveryError, Forbidden, Reach, TemporaryDeliveryError
from ashop_core.models import Arrival, ArrivalReport, Rendered

SENT = Path(__file__).parent.parent / "sent.txt"

class Letters:
    code = "email"
    label = Text("E-post", "E-mail")
    meanwhile = None

    def address(self, text):
        text = text.strip().lower()
        return text if "@" in text else None

    def recipient(self, customer):
        return self.address(customer.email)

    def domain(self, recipient):
        return recipient.partition("@")[2]

    def render(self, context):
        number = context.order.number
        body = f"Hej {context.order.name}!\\nRad två.\\n\\nRad tre.\\nRad fyra.\\nRad fem."
        if context.staff is not None:
            body = f"Hemlig notering: {context.staff.note}"
        return Rendered(subject=f"{context.status.to(context.language)} {number}", body=body, html=f"<b>{number}</b>",
                        sender="Butiken <order@butik.example>", reply_to="svar@butik.example")

    def describe(self, rendered, recipient):
        if self.meanwhile is not None:
            self.meanwhile()
        return Text(f"{len(rendered.body)} tecken", f"{len(rendered.body)} characters")

    def count(self, tx, sending):
        if sending.message.recipient.startswith("dear") or "guld" in sending.rendered.body:
            raise DeliveryError(Text("det blir för dyrt", "that is too dear"))

    def send(self, message, rendered, within):
        name = message.recipient.partition("@")[0]
        if name == "later":
            raise TemporaryDeliveryError("450 come back later")
        if name == "never":
            raise DeliveryError(Text("mottagaren sade nej: 550 okänd", "the receiver said no: 550 unknown"))
        if name == "lost":
            raise TemporaryDeliveryError(Text("svaret kom bort", "the answer was lost"), unsure=True)
        if name == "down":
            raise TemporaryDeliveryError(Text("servern svarar inte", "the server is down"), reach=Reach.CHANNEL)
        if name == "away":
            raise TemporaryDeliveryError("421 closing", reach=Reach.DOMAIN)
        with SENT.open("a", encoding="utf-8") as file:
            file.write(f"{message.recipient}|{message.message_id}|{rendered!r}\\n")
        return f"250 {message.message_id}"

    def read_report(self, report):
        for line in report.body.decode().splitlines():
            token, arrival, words = line.split(" ", 2)
            if words == "FORGED":
                raise Forbidden(Text("inte äkta", "not genuine"))
            yield ArrivalReport(message_id=token, arrival=Arrival(arrival if arrival != "-" else ""), words=words)

@hookimpl
def ashop_register_channels(settings):
    return [Letters()]
"""
STAFF = (
    '[[statuses.received.messages]]\nchannels = ["email"]\naudience = "staff"\nto = ["lager@butik.example"]\n'
)


def write_letter_shop(home: Path, *, toml: str = "") -> Path:
    """Write a shop whose e-mails are letters: ``never@`` is refused, ``later@`` fails, ``down@`` finds all down …"""
    return write_shop(home, "local:letters", toml=toml, files={"plugins/letters.py": LETTERS})


def letters(make_shop: Any, *, toml: str = "") -> Shop:
    """Return the same shop, open."""
    shop: Shop = make_shop("local:letters", toml=toml, files={"plugins/letters.py": LETTERS})
    return shop


def told(shop: Shop, email: str = "asa@example.se", *, deliver: bool = True) -> tuple[Order, Message]:
    """Place an order of whoever has this address; return it and its first message, tried unless told otherwise."""
    order = place_order(shop, customer=some_customer(email=email))
    if deliver:
        shop.deliver()
    return order, shop.messages(order)[0]


def sent(shop: Shop) -> list[str]:
    """Return every letter that was handed over, as ``recipient|token|words``."""
    path = shop.settings.folder / "sent.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def report(message: Message, arrival: str, words: str = "som det gick") -> IncomingReport:
    """Return a report on a message as the receiving side would write it."""
    return IncomingReport(body=f"{message.message_id} {arrival} {words}\n".encode())


def row_of(shop: Shop, id_: int) -> dict[str, Any]:
    """Return a row of the outbox as it is kept."""
    with shop.database.read() as reader:
        found = reader.row("SELECT * FROM outbox WHERE id = :id", {"id": id_})
    assert found is not None
    return dict(found)


def force(shop: Shop, id_: int, **values: Any) -> None:
    """Write into a row of the outbox, as no code of ours would."""
    words = ", ".join(f"{name} = :{name}" for name in values)
    with shop.database.write() as tx:
        tx.execute(f"UPDATE outbox SET {words} WHERE id = :id", {**values, "id": id_})

"""What channels are tried with: what people and attackers type, what only staff may know, a message of the outbox."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from ashop_core.channels import IncomingReport
from ashop_core.customer import MessageContext, StaffView
from ashop_core.models import Customer, Delivery, Message
from ashop_core.testing import FixedClock, some_customer
from ashop_core.texts import Text

HOSTILE = (
    "{{ 913 * 877 }} {{ self.__init__.__globals__ }} {% for x in 1 %} ${913 * 877} "
    "<script>alert(1)</script> & \"'`\r\nBcc: evil@example.com\r\n\r\n=?utf-8?q?=0ABcc=3A_evil=40x?= \u202eﷺ😀"
)
"""What a customer may type to see whether anybody runs it."""
EDITED = "Nya ord, som någon skrev om.\n\n. En rad till & <så>."
COMPUTED, RUN = "800701", "<script>"
CANARY = "kanariefågel"
IN = {"sv": "ordetsomsvensk", "en": "wordasenglish"}
"""What everything that the shop says in both languages is called in a test of the language."""

# Surrogates included: the command line hands them over where somebody typed bytes that are no text.
_SHORT = st.text(st.characters(exclude_categories=()), max_size=30)
TEXTS = _SHORT | st.sampled_from(
    [
        "", " ", "\0", "\ud800", "a\udce5@example.com", "a\r\nBcc: b@example.com", "@", "a@b", "å@ö.se", "+", "0" * 5000,
        "x" * 70_000, "\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}", HOSTILE,
    ]
)  # fmt: skip
CUSTOMERS = st.builds(
    Customer, name=TEXTS, email=TEXTS, phone=TEXTS, street=TEXTS, postal_code=TEXTS, city=TEXTS, country=TEXTS
)
NO_TEXT = "\ud800"
"""What bytes that are no text become where somebody typed them: the first thing to trip over, so always tried."""


def typed_everywhere(text: str) -> Customer:
    """Return a customer who typed the same in every field."""
    return Customer(name=text, email=text, phone=text, street=text, postal_code=text, city=text, country=text)


REPORTS = st.builds(
    IncomingReport,
    url=_SHORT,
    form=st.dictionaries(_SHORT, _SHORT, max_size=3),
    headers=st.dictionaries(_SHORT, _SHORT, max_size=3),
    body=st.binary(max_size=100),
)


def some_message(channel: str, recipient: str) -> Message:
    """Return a message as the outbox hands it over at its first attempt."""
    now = FixedClock()()
    return Message(
        id=1,
        order_id=1,
        seq=3,
        channel=channel,
        template="received",
        recipient=recipient,
        language="sv",
        delivery=Delivery.CLAIMED,
        attempts=1,
        message_id="0123456789abcdef01234567",
        created_at=now,
        due_at=now,
        planned_at=now,
    )


def hostile(context: MessageContext) -> MessageContext:
    """Return a context in which everything that somebody typed is an attack."""
    order = context.order
    lines = tuple(replace(line, name=HOSTILE, sku=HOSTILE) for line in order.lines)
    typed = replace(order, name=HOSTILE, street=HOSTILE, city=HOSTILE, postal_code=HOSTILE, lines=lines)
    fields = {code: value if code == "booked_time" else HOSTILE for code, value in context.fields.items()}
    return replace(context, order=typed, words=HOSTILE, fields=fields)


def in_two_languages(context: MessageContext) -> MessageContext:
    """Return a context in which every text of the shop's own is one word in Swedish and another in English."""
    text = Text(IN["sv"], IN["en"])
    place = text if context.order.place else None
    order = replace(context.order, status=text, delivery=text, payment_method=text, place=place)
    staff = replace(context.staff, status=text) if context.staff else None
    return replace(context, status=text, order=order, staff=staff)


def secrets() -> StaffView:
    """Return what staff may know, every word of it recognisable."""
    return StaffView(
        name=CANARY,
        reference=CANARY,
        status=Text(CANARY, CANARY),
        customer=some_customer(name=CANARY),
        actor=CANARY,
        note=CANARY,
        flags=(Text(CANARY, CANARY),),
    )

"""The conformance suite of channels: what the outbox counts on, whatever carries the message.

Put a channel through it by subclassing. The shop's settings let it tell the customer at `received`; what can be reached
on loopback is a `receiver`, without which nothing of sending is tried::

    class TestPigeons(ChannelSuite):
        code = "pigeons"

        @pytest.fixture
        def shop(self, make_shop, receiver):
            toml = f'[statuses.received]\\nnotify = ["pigeons"]\\n[plugins."local:pigeons"]\\nurl = "{receiver.url}"'
            return make_shop("local:pigeons", toml=toml, files={"plugins/pigeons.py": PIGEONS})

        @pytest.fixture
        def unreachable(self):
            return some_customer(phone="")

        @pytest.fixture
        def receiver(self):
            with WebReceiver(read) as receiver:
                yield receiver

What the channel offers beside sending (see `ashop_core.channels`) is tried where it has the methods. It needs pytest
and hypothesis.
"""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from ashop_core.attempting import LONGEST_ATTEMPT
from ashop_core.channels import (
    Channel,
    CountsSendings,
    DescribesWords,
    HasDomains,
    IncomingReport,
    KeepsOpen,
    KnowsTemplates,
    Sending,
    TakesReports,
    WritesFiles,
    WrittenFile,
)
from ashop_core.customer import MessageContext
from ashop_core.errors import DeliveryError, Forbidden, InvalidInput, Problem, TemporaryDeliveryError
from ashop_core.models import (
    Arrival,
    ArrivalReport,
    Audience,
    Customer,
    Delivery,
    Message,
    Order,
    Rendered,
)
from ashop_core.sample_messages import sample_messages
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, place_order, some_customer
from ashop_core.testing.channel_checks import (
    all_words,
    cut_off,
    ensure_words,
    is_line,
    lines_of,
    looks_at_the_clock,
    named,
)
from ashop_core.testing.channel_inputs import (
    CANARY,
    COMPUTED,
    CUSTOMERS,
    EDITED,
    HOSTILE,
    IN,
    NO_TEXT,
    REPORTS,
    RUN,
    TEXTS,
    hostile,
    in_two_languages,
    secrets,
    some_message,
    typed_everywhere,
)
from ashop_core.testing.receivers import Behaviour, Receiver
from ashop_core.texts import Text

LONGEST_RECEIPT = 300
ALLOWED = timedelta(seconds=0.5)
"""What a message may take where the receiving side never says a word."""
_CODE = re.compile(r"[a-z][a-z0-9_]*")
# Fixtures stay as they are from example to example: nothing that is tried so may change anything.
_tried = settings(
    max_examples=100,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


class ChannelSuite:
    """Every test takes the subclass's `shop`, or its channel called `code`.

    `patience` is when a channel that does not come back counts as hanging: far more than it is allowed, so that a slow
    machine makes no difference. Set `tells_repetitions` to False, and say so to your users, where the receiving side
    has no place for a message's id.
    """

    code: ClassVar[str]
    patience: ClassVar[timedelta] = timedelta(seconds=15)
    tells_repetitions: ClassVar[bool] = True

    @pytest.fixture
    def shop(self) -> Shop:
        """A shop with the channel, which tells the customer at `received` by it, once."""
        pytest.fail("give the suite a fixture `shop`: make_shop(…) with the plugin enabled")

    @pytest.fixture
    def reachable(self) -> Customer:
        """A customer whom the channel reaches."""
        return some_customer()

    @pytest.fixture
    def unreachable(self) -> Customer | None:
        """A customer whom it does not reach, who can order all the same; None if it reaches all who can."""
        pytest.fail("give the suite a fixture `unreachable`: some_customer(…) without what the channel needs")

    @pytest.fixture
    def receiver(self) -> Receiver | None:
        """The receiving side; None where there is none to try it on."""
        return None

    def genuine(self, shop: Shop, message: Message, arrival: Arrival) -> IncomingReport:
        """Return what the receiving side would send about a message: for channels that take reports."""
        pytest.fail("the channel takes reports: give the suite a method `genuine` that makes one")

    def forged(self, shop: Shop, message: Message, arrival: Arrival) -> Iterable[IncomingReport]:
        """Return reports that somebody else might send: for channels that take reports."""
        pytest.fail("the channel takes reports: give the suite a method `forged` that makes some")

    @pytest.fixture
    def channel(self, shop: Shop) -> Channel:
        """The channel under test."""
        assert self.code in shop.channels, f"the shop has no channel {self.code!r}: enable its plugin"
        return shop.channels[self.code]

    @pytest.fixture
    def samples(self, shop: Shop) -> tuple[MessageContext, ...]:
        """Every message that may have to be worded: for each status and occasion, to customers and to staff."""
        return tuple(sample_messages(shop.flows, shop.settings.shop, self.code))

    @pytest.fixture
    def few(self, samples: tuple[MessageContext, ...]) -> tuple[MessageContext, ...]:
        """Some of them, of every kind."""
        return samples[::17]

    @pytest.fixture
    def ready(
        self, channel: Channel, reachable: Customer, samples: tuple[MessageContext, ...]
    ) -> tuple[Message, Rendered]:
        """A message to the customer who can be reached, as the outbox hands it over at the first attempt."""
        recipient = channel.recipient(reachable)
        assert recipient is not None, "the customer `reachable` cannot be reached"
        return some_message(self.code, recipient), channel.render(replace(samples[0], recipient=recipient))

    @pytest.fixture
    def inbox(self, receiver: Receiver | None) -> Receiver:
        """The receiving side, for what cannot be tried without."""
        if receiver is None:
            pytest.skip("there is no receiver to try it on")
        return receiver

    # ── What it is ───────────────────────────────────────────────────────────────────────────────

    def test_it_has_what_every_channel_has(self, channel: Channel) -> None:
        assert isinstance(channel, Channel), "a method or attribute of ashop_core.channels.Channel is missing"
        assert _CODE.fullmatch(channel.code), f"the code {channel.code!r} is no word like text_message"

    def test_its_label_is_in_both_languages(self, channel: Channel) -> None:
        assert isinstance(channel.label, Text), "the label is no Text(swedish, english)"
        assert is_line(channel.label.sv), f"no Swedish label: {channel.label.sv!r}"
        assert is_line(channel.label.en), f"no English label: {channel.label.en!r}"

    # ── Whom it reaches ──────────────────────────────────────────────────────────────────────────

    def test_a_customer_who_can_be_reached_has_a_recipient(
        self, channel: Channel, reachable: Customer
    ) -> None:
        recipient = channel.recipient(reachable)

        assert isinstance(recipient, str)
        assert is_line(recipient), f"{recipient!r} is no line of text that can be kept"

    def test_a_customer_who_cannot_be_reached_has_none(
        self, channel: Channel, unreachable: Customer | None
    ) -> None:
        for customer in (unreachable or Customer(), Customer()):
            found = channel.recipient(customer)

            assert found is None, f"`recipient` gave {found!r} for a customer without an address: return None"

    def test_a_recipient_is_written_one_way(self, channel: Channel, reachable: Customer) -> None:
        recipient = channel.recipient(reachable)

        assert channel.recipient(reachable) == recipient, "the same customer, another recipient"
        assert recipient is not None
        assert channel.address(recipient) == recipient, "`address` writes it otherwise than `recipient`"
        assert channel.address(f" {recipient} ") == recipient, (
            "spaces about an address make it another: strip them"
        )

    @_tried
    @given(customer=CUSTOMERS)
    @example(customer=typed_everywhere(NO_TEXT))
    @example(customer=typed_everywhere(HOSTILE))
    def test_no_customer_makes_it_raise(self, channel: Channel, customer: Customer) -> None:
        found = channel.recipient(customer)

        assert found is None or is_line(found), (
            f"{found!r} of `recipient` is neither one line of text nor None"
        )

    @_tried
    @given(text=TEXTS)
    @example(text=NO_TEXT)
    @example(text=HOSTILE)
    def test_nothing_that_is_typed_as_an_address_makes_it_raise(self, channel: Channel, text: str) -> None:
        found = channel.address(text)

        assert found is None or is_line(found), f"{found!r} of `address` is neither one line of text nor None"
        assert found is None or channel.address(found) == found, (
            f"`address` writes its own {found!r} otherwise"
        )

    # ── What it says ─────────────────────────────────────────────────────────────────────────────

    def test_every_sample_can_be_rendered(
        self, channel: Channel, samples: tuple[MessageContext, ...]
    ) -> None:
        for context in samples:
            ensure_words(channel.render(context), context)

    def test_the_same_context_gives_the_same_words(
        self, channel: Channel, few: tuple[MessageContext, ...]
    ) -> None:
        for context in few:
            first, second = channel.render(context), channel.render(context)

            assert first == second, f"{named(context)}: the words depend on more than the context"

    def test_the_words_are_in_the_language_of_the_recipient(
        self, channel: Channel, few: tuple[MessageContext, ...]
    ) -> None:
        for sample in few:
            words = all_words(channel.render(in_two_languages(sample)))

            other = "en" if sample.language == "sv" else "sv"
            assert IN[other] not in words, (
                f"{named(sample)}: words in {other}: take text.to(context.language)"
            )

    def test_rendering_does_not_look_at_the_clock(
        self, channel: Channel, few: tuple[MessageContext, ...]
    ) -> None:
        for context in few:  # what is imported and loaded the first time may look at it
            channel.render(context)

        looks = looks_at_the_clock(lambda: [channel.render(context) for context in few])

        assert looks == [], (
            "it depends on when it is rendered, which may be days later: take times from the context"
        )

    def test_rendering_uses_no_network_and_no_database(
        self, shop: Shop, channel: Channel, few: tuple[MessageContext, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            used = cut_off(patched, shop)
            for context in few:
                channel.render(context)

        assert used == [], "`render` looks at its context and nothing else"

    def test_rendering_keeps_nothing_of_the_context(
        self, channel: Channel, few: tuple[MessageContext, ...]
    ) -> None:
        kept = [_rendered_and_let_go(channel, sample) for sample in few]

        gc.collect()

        assert [context() for context in kept if context() is not None] == [], "it holds on to an order"

    def test_what_a_customer_typed_is_only_words(
        self, channel: Channel, few: tuple[MessageContext, ...]
    ) -> None:
        for sample in few:
            rendered = channel.render(hostile(sample))

            ensure_words(rendered, sample)
            assert COMPUTED not in all_words(rendered), f"{named(sample)}: a customer's words were run"
            assert RUN not in (rendered.html or ""), f"{named(sample)}: a customer's words became HTML"

    def test_what_staff_read_does_not_reach_a_customer(
        self, channel: Channel, few: tuple[MessageContext, ...]
    ) -> None:
        for context in few:
            if context.staff is None:
                channel.render(replace(context, staff=secrets()))
                words = all_words(channel.render(context))

                assert CANARY not in words, f"{named(context)}: the customer reads words meant for staff"

    # ── How it sends ─────────────────────────────────────────────────────────────────────────────

    def test_a_message_arrives_once(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver
    ) -> None:
        message, rendered = ready

        channel.send(message, rendered, LONGEST_ATTEMPT)

        assert [copy.to for copy in inbox.copies()] == [message.recipient]

    @pytest.mark.parametrize("body", [None, EDITED], ids=["rendered", "edited"])
    def test_what_arrives_are_the_words_that_were_kept(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver, body: str | None
    ) -> None:
        message, rendered = ready
        kept = rendered if body is None else replace(rendered, body=body, html=None)

        channel.send(message, kept, LONGEST_ATTEMPT)

        assert lines_of(inbox.copies()[0].words) == lines_of(kept.body), (
            "they are kept, and may have been edited"
        )

    def test_a_receipt_is_short_and_readable(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver
    ) -> None:
        receipt = channel.send(*ready, LONGEST_ATTEMPT)

        assert isinstance(receipt, str), f"the receipt is {receipt!r}: return what the receiving side said"
        assert is_line(receipt), f"the receipt is no line that staff can read: {receipt!r}"
        assert len(receipt) <= LONGEST_RECEIPT, f"the receipt is {len(receipt)} characters long"

    def test_a_repetition_can_be_told_from_a_new_message(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver
    ) -> None:
        if not self.tells_repetitions:
            pytest.skip("the receiving side has no place for a message's id")
        message, rendered = ready
        other = replace(message, id=message.id + 1, message_id="f" * len(message.message_id))

        ids = []
        for sent in (message, replace(message, attempts=2, unsure=1), other):
            channel.send(sent, rendered, LONGEST_ATTEMPT)
            ids.append(inbox.copies()[-1].id)

        first, again, another = ids
        assert first, (
            "the receiving side was not given message.message_id: hand it over, and give the copies in your receiver "
            "their `id`; set tells_repetitions = False if there is no place for it"
        )
        assert again == first, "the second attempt looks like a new message"
        assert another != first, "another message looks like a repetition"

    def test_a_refusal_is_for_good(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver
    ) -> None:
        fault = self._fault(channel, ready, inbox, Behaviour.REFUSES)

        assert isinstance(fault, DeliveryError), f"{fault!r} where it said no for good: raise DeliveryError"
        assert is_line(fault.text.sv), "the error says nothing in Swedish"
        assert is_line(fault.text.en), "the error says nothing in English"

    @pytest.mark.parametrize("how", [Behaviour.FAILS, Behaviour.DOWN])
    def test_what_was_not_taken_is_tried_again_and_that_is_certain(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver, how: Behaviour
    ) -> None:
        fault = self._fault(channel, ready, inbox, how)

        assert isinstance(fault, TemporaryDeliveryError), (
            f"{fault!r} where it may pass: raise TemporaryDeliveryError"
        )
        assert not fault.unsure, "it was certainly not taken, so that another attempt is no second copy"

    @pytest.mark.parametrize("how", [Behaviour.DROPS, Behaviour.SILENT])
    def test_what_may_have_been_taken_is_unsure(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver, how: Behaviour
    ) -> None:
        fault = self._fault(channel, ready, inbox, how, within=ALLOWED)

        assert isinstance(fault, TemporaryDeliveryError), (
            f"{fault!r} where the answer was lost: raise TemporaryDeliveryError with unsure=True"
        )
        assert fault.unsure, "the message was taken and the answer lost: say unsure=True"

    def test_nobody_is_kept_waiting_longer_than_was_said(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver
    ) -> None:
        inbox.behave(Behaviour.SILENT)

        # Not how long it takes is asked, only whether it ends of itself, many times later at the latest.
        ended = self._sent_apart(channel, ready, ALLOWED)

        assert ended is not None, (
            f"still waiting after {self.patience}, where {ALLOWED} was allowed: end every wait by `within`"
        )

    def test_it_works_again_after_a_failure(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver
    ) -> None:
        inbox.behave(Behaviour.FAILS)
        self._sent_apart(channel, ready, LONGEST_ATTEMPT)
        inbox.behave(Behaviour.WORKS)

        channel.send(*ready, LONGEST_ATTEMPT)

        assert inbox.copies()

    # ── In a shop ────────────────────────────────────────────────────────────────────────────────

    def test_a_change_sends_one_message_once(
        self, shop: Shop, reachable: Customer, receiver: Receiver | None
    ) -> None:
        order = place_order(shop, customer=reachable)

        shop.deliver(order)
        arrived = receiver.copies() if receiver is not None else []
        shop.deliver(order)

        message = self._only_message(shop, order)
        assert message.delivery is Delivery.SENT, f"{message.delivery}: {message.error}"
        assert message.attempts == 1
        if receiver is not None:
            assert len(arrived) == 1
            assert receiver.copies() == arrived

    def test_a_customer_without_an_address_is_sent_nothing(
        self, shop: Shop, unreachable: Customer | None, receiver: Receiver | None
    ) -> None:
        if unreachable is None:
            pytest.skip("it reaches everybody who can order")
        order = place_order(shop, customer=unreachable)

        shop.deliver(order)

        sent = [m.recipient for m in shop.messages(order) if self._to_customer(m)]
        assert sent == [], "`recipient` must return None for the customer `unreachable`"
        assert receiver is None or receiver.copies() == []

    def test_a_retry_hands_over_the_same_words(
        self, shop: Shop, reachable: Customer, inbox: Receiver, clock: FixedClock
    ) -> None:
        order = place_order(shop, customer=reachable)
        inbox.behave(Behaviour.DROPS)
        shop.deliver(order)
        inbox.behave(Behaviour.WORKS)
        clock.advance(hours=25)  # past every pause
        shop.deliver(order)

        message = self._only_message(shop, order)
        assert message.delivery is Delivery.SENT, message.error
        assert message.rendered is not None
        copies = inbox.copies()
        assert [lines_of(copy.words) for copy in copies] == [lines_of(message.rendered.body)] * len(copies)
        assert set(copies) == {copies[0]}, "the receiving side cannot see that it is the same message"

    def test_what_waits_when_it_is_switched_off_is_not_sent(
        self, shop: Shop, reachable: Customer, receiver: Receiver | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = place_order(shop, customer=reachable)
        others = {code: channel for code, channel in shop.channels.items() if code != self.code}
        without = Shop(
            shop.settings, shop.plugins, shop.flows, others, shop.handlers, shop.database, shop.clock
        )

        without.deliver(order)

        assert self._only_message(shop, order).delivery is Delivery.SUPPRESSED
        assert receiver is None or receiver.copies() == []

    def test_a_customer_reads_nothing_of_the_notes(
        self, shop: Shop, reachable: Customer, receiver: Receiver | None
    ) -> None:
        order = place_order(shop, customer=reachable)
        order = shop.add_note(order, CANARY).order

        shop.deliver(order)

        read = [repr(m.rendered) for m in shop.messages(order) if m.audience is Audience.CUSTOMER]
        assert CANARY not in "".join(read)
        assert receiver is None or CANARY not in repr(receiver.copies())

    # ── What it may offer beside that ────────────────────────────────────────────────────────────

    def test_it_knows_its_templates(self, channel: Channel, samples: tuple[MessageContext, ...]) -> None:
        knowing = _offering(channel, KnowsTemplates)
        for language in ("sv", "en"):
            found = knowing.has_template("no_such_template_anywhere", language)
            assert found is False, "it claims to have words for a template that does not exist"
            assert isinstance(knowing.has_template(HOSTILE, language), bool)

        problems = list(knowing.template_problems(samples))

        assert all(isinstance(problem, Problem) for problem in problems)
        assert problems == [], "its own templates do not go together with the samples"
        assert list(knowing.unused_templates(samples)) == []

    def test_it_sends_after_it_was_closed(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver
    ) -> None:
        keeping = _offering(channel, KeepsOpen)

        for _ in range(2):
            channel.send(*ready, LONGEST_ATTEMPT)
            keeping.close()
        keeping.close()

        assert len(inbox.copies()) == 2

    def test_what_it_wrote_can_be_listed(self, shop: Shop, channel: Channel, reachable: Customer) -> None:
        writing = _offering(channel, WritesFiles)
        self._sent(shop, reachable)

        for written in writing.written():
            assert isinstance(written, WrittenFile)
            assert written.to
            assert written.body

    def test_a_recipient_has_a_domain(self, channel: Channel, reachable: Customer) -> None:
        domains = _offering(channel, HasDomains)
        recipient = channel.recipient(reachable)
        assert recipient is not None

        domain = domains.domain(recipient)

        assert domain == domains.domain(recipient)
        assert is_line(domain), f"{domain!r} is nothing to stand in line with"
        assert "/" not in domain, f"{domain!r}: a slash parts the channel from the domain"

    def test_counting_only_uses_the_database(
        self,
        shop: Shop,
        channel: Channel,
        reachable: Customer,
        ready: tuple[Message, Rendered],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        counting = _offering(channel, CountsSendings)
        order = place_order(shop, customer=reachable)
        message, rendered = self._only_message(shop, order), ready[1]
        sending = Sending(
            message=message,
            rendered=rendered,
            order=order,
            status=shop.flows.status(order.status),
            now=shop.clock(),
        )

        with shop.database.write() as tx, monkeypatch.context() as patched:
            used = cut_off(patched)
            counting.count(tx, sending)
            tx.ensure_open()

        assert used == []

    def test_a_description_is_in_both_languages(
        self, channel: Channel, ready: tuple[Message, Rendered]
    ) -> None:
        describing = _offering(channel, DescribesWords)
        message, rendered = ready

        words = describing.describe(rendered, message.recipient)

        assert isinstance(words, Text)
        assert bool(words.sv) == bool(words.en), f"{words!r} is in one language only"
        assert words == describing.describe(rendered, message.recipient)

    def test_a_report_is_heard_once(self, shop: Shop, channel: Channel, reachable: Customer) -> None:
        taking = _offering(channel, TakesReports)
        order, message = self._sent(shop, reachable)
        report = self.genuine(shop, message, Arrival.DELIVERED)

        told = list(taking.read_report(report))
        counts = [len(shop.take_report(self.code, report)) for _ in range(3)]

        assert all(isinstance(one, ArrivalReport) for one in told)
        assert [one.message_id for one in told] == [message.message_id]
        assert counts == [1, 0, 0], "the same report again told something new"
        assert self._only_message(shop, order).arrival is Arrival.DELIVERED

    def test_a_report_that_it_did_not_arrive_is_understood(
        self, shop: Shop, channel: Channel, reachable: Customer
    ) -> None:
        _offering(channel, TakesReports)
        order, message = self._sent(shop, reachable)

        shop.take_report(self.code, self.genuine(shop, message, Arrival.FAILED))
        shop.take_report(self.code, self.genuine(shop, message, Arrival.DELIVERED))

        assert self._only_message(shop, order).arrival is Arrival.FAILED

    def test_a_forged_report_is_not_believed(self, shop: Shop, channel: Channel, reachable: Customer) -> None:
        _offering(channel, TakesReports)
        order, message = self._sent(shop, reachable)
        forged = list(self.forged(shop, message, Arrival.DELIVERED))

        assert forged, "give the suite some forged reports"
        for report in forged:
            with suppress(Forbidden, InvalidInput):
                assert shop.take_report(self.code, report) == [], f"{report!r} was believed"
        assert self._only_message(shop, order).arrival is Arrival.UNKNOWN

    @_tried
    @given(report=REPORTS)
    def test_no_report_makes_it_raise_anything_else(self, channel: Channel, report: IncomingReport) -> None:
        taking = _offering(channel, TakesReports)
        try:
            told = list(taking.read_report(report))
        except (Forbidden, InvalidInput):
            return

        assert told == [], "it believes what anybody might send"

    # ── What the tests above use ─────────────────────────────────────────────────────────────────

    def _fault(
        self, channel: Channel, ready: tuple[Message, Rendered], inbox: Receiver, how: Behaviour,
        within: timedelta = LONGEST_ATTEMPT,
    ) -> Exception:  # fmt: skip
        """Send while the receiving side behaves so, and return what was raised."""
        inbox.behave(how)
        ended = self._sent_apart(channel, ready, within)
        if ended is None:
            pytest.skip("it never came back, which is the matter of another test")
        assert isinstance(ended, Exception), (
            f"a receiving side that {how.value}, and yet a receipt: {ended!r}"
        )
        return ended

    def _sent_apart(
        self, channel: Channel, ready: tuple[Message, Rendered], within: timedelta
    ) -> Exception | str | None:
        """Send in a thread of its own; return receipt or error, or None if it was still at it after all patience."""
        ended: list[Exception | str] = []

        def send() -> None:
            try:
                ended.append(channel.send(*ready, within))
            except Exception as error:  # which one it may be is what the caller asserts
                ended.append(error)

        thread = Thread(target=send, daemon=True)
        thread.start()
        thread.join(self.patience.total_seconds())
        return ended[0] if ended else None

    def _to_customer(self, message: Message) -> bool:
        return message.channel == self.code and message.audience is Audience.CUSTOMER

    def _only_message(self, shop: Shop, order: Order) -> Message:
        """Return the one message that the customer gets of an order by this channel."""
        found = [message for message in shop.messages(order) if self._to_customer(message)]
        assert len(found) == 1, (
            f"the order causes {len(found)} messages to the customer by {self.code}, where the suite wants one: "
            f'let the shop say [statuses.received] notify = ["{self.code}"]'
        )
        return found[0]

    def _sent(self, shop: Shop, customer: Customer) -> tuple[Order, Message]:
        order = place_order(shop, customer=customer)
        shop.deliver(order)
        return order, self._only_message(shop, order)


def _offering(channel: Channel, protocol: Any) -> Any:
    """Return the channel if it offers this beside sending; skip the test otherwise."""
    if not isinstance(channel, protocol):
        pytest.skip(f"the channel is none that {protocol.__name__}")
    return channel


def _rendered_and_let_go(channel: Channel, sample: MessageContext) -> weakref.ref[MessageContext]:
    context = replace(sample)
    channel.render(context)
    return weakref.ref(context)

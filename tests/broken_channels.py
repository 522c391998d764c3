"""Channels with one fault each, and the tests of the suite that must find it: run by test_channel_suite only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.chat_channel import CHAT, FULL, ChatSuite, FullSuite


@dataclass(frozen=True)
class Fault:
    """A fault: `old` of the channel's source made into `new`, and the tests, or cases of them, that fail then."""

    old: str
    new: str
    caught: frozenset[str]
    source: str = CHAT

    @property
    def text(self):
        assert self.old in self.source, f"the channel no longer says {self.old!r}"
        return self.source.replace(self.old, self.new, 1)


def fault(old, new, *caught):
    return Fault(old, new, frozenset(caught))


def more(old, new, *caught):
    return Fault(old, new, frozenset(caught), FULL)


YES = "        if answer.is_yes:\n            return answer.words or answer.summary\n"
RENDERED = '        return Rendered(subject="", body="\\n".join(words))\n'
POST = "        answer = post(\n"
LATER = "raise TemporaryDeliveryError(answer.summary, retry_after=answer.retry_after, reach=Reach.CHANNEL)"
KEY = '{"Idempotency-Key": message.message_id}'
NO = "        raise DeliveryError(answer.summary)\n"
GOSSIP = """        self.last = staff.note if staff else getattr(self, 'last', '')
        words.append(self.last)
"""
EMPTY = '        if answer.is_yes:\n            return ""\n'
PATIENT = """        import contextlib, socket
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", 9)):
            pass
"""
WRAPPED = """
        try:
            return self._send(message, rendered, within)
        except TemporaryDeliveryError as error:
            raise TemporaryDeliveryError(%s) from error

    def _send(self, message, rendered, within):
"""
HOOK = "@hookimpl\ndef ashop_register_channels(settings):\n    return [Chat(settings.for_plugin(Settings))]\n"
AFTER = """

@hookimpl
def ashop_after_change(shop, order):
    from datetime import timedelta
    document = {"channel": "#asa", "text": str(order.number)}
    post(shop.channels["chat"]._url, within=timedelta(seconds=5), document=document, headers={"Idempotency-Key": "x"})
"""
NOTES = """

NOTES = []

@hookimpl
def ashop_after_change(change):
    NOTES[:] = [change.note] if change.note else []
"""

FAULTS = {
    # What it is
    "no_english_label": fault('Text("Chatt", "Chat")', 'Text("Chatt", "")', "test_its_label_is_in_both_languages"),
    # Whom it reaches
    "reaches_nobody": fault(
        "        return self.address(self._rooms.get(customer.email.casefold(), \"\"))",
        "        found = self.address(self._rooms.get(customer.email.casefold(), \"\"))\n"
        "        return found or ('#lost' if customer.email == '' else None)",
        "test_a_customer_who_cannot_be_reached_has_none",
    ),
    "odd_customers": fault(
        "        return self.address(self._rooms",
        "        customer.name.encode()\n        return self.address(self._rooms",
        "test_no_customer_makes_it_raise",
    ),
    "spaces_kept": fault("text.strip().casefold()", "text.casefold()", "test_a_recipient_is_written_one_way"),
    "typed_addresses": fault(
        "        name = text.strip()", "        text.encode()\n        name = text.strip()",
        "test_nothing_that_is_typed_as_an_address_makes_it_raise",
    ),
    # What it says
    "no_words_for_staff": fault(
        RENDERED, '        return Rendered(subject="", body="" if staff else "\\n".join(words))\n',
        "test_every_sample_can_be_rendered",
        "test_what_a_customer_typed_is_only_words",
    ),
    "counts_its_words": fault(
        RENDERED,
        "        self.n = getattr(self, 'n', 0) + 1\n        words.append(str(self.n))\n" + RENDERED,
        "test_the_same_context_gives_the_same_words",
    ),
    "speaks_english": fault(
        "(staff or context).status.to(context.language)", "(staff or context).status",
        "test_the_words_are_in_the_language_of_the_recipient",
    ),
    "tells_the_day": fault(
        RENDERED, "        from datetime import date\n        words.append(str(date.today()))\n" + RENDERED,
        "test_rendering_does_not_look_at_the_clock",
    ),
    "calls_while_rendering": fault(RENDERED, PATIENT + RENDERED, "test_rendering_uses_no_network_and_no_database"),
    "reads_while_rendering": fault(
        RENDERED, "        import sqlite3\n        sqlite3.connect(':memory:').close()\n" + RENDERED,
        "test_rendering_uses_no_network_and_no_database",
    ),
    "keeps_the_order": fault(
        RENDERED, "        self.last = context\n" + RENDERED, "test_rendering_keeps_nothing_of_the_context"
    ),
    "runs_what_was_typed": fault(
        RENDERED,
        "        import re\n"
        "        words = [re.sub('{{(.*?)}}', lambda m: str(eval(m[1])) if '*' in m[1] else '', w) for w in words]\n"
        + RENDERED,
        "test_what_a_customer_typed_is_only_words",
    ),
    "bare_html": fault(
        RENDERED, '        return Rendered(subject="", body="\\n".join(words), html="<p>".join(words))\n',
        "test_what_a_customer_typed_is_only_words",
    ),
    "subject_of_two_lines": fault(
        RENDERED, '        return Rendered(subject=order.name, body="\\n".join(words))\n',
        "test_what_a_customer_typed_is_only_words",
    ),
    "gossips": fault(
        RENDERED,
        GOSSIP + RENDERED,
        "test_what_staff_read_does_not_reach_a_customer",
    ),
    # How it sends
    "sends_twice": fault(
        POST,
        '        post(self._url, within=within, headers={"Idempotency-Key": message.message_id}, document={\n'
        '            "channel": message.recipient, "text": escape(rendered.body, quote=False)})\n' + POST,
        "test_a_message_arrives_once", "test_a_change_sends_one_message_once",
    ),
    "words_of_its_own": fault(
        CHAT,
        CHAT.replace(RENDERED, '        self.words = "\\n".join(words)\n' + RENDERED).replace("rendered.body", "self.words"),
        "test_what_arrives_are_the_words_that_were_kept[edited]",
    ),
    "shortens": fault("escape(rendered.body,", "escape(rendered.body[:9],",
        "test_what_arrives_are_the_words_that_were_kept[rendered]",
        "test_what_arrives_are_the_words_that_were_kept[edited]",
        "test_a_retry_hands_over_the_same_words",
    ),
    "counts_attempts": fault(
        "escape(rendered.body,", 'escape(rendered.body + "?" * (message.attempts - 1),',
        "test_a_retry_hands_over_the_same_words",
    ),
    "no_receipt": fault(YES, "        if answer.is_yes:\n            return None\n", "test_a_receipt_is_short_and_readable"),
    "empty_receipt": fault(YES, EMPTY, "test_a_receipt_is_short_and_readable"),
    "long_receipt": fault(
        YES, '        if answer.is_yes:\n            return answer.summary * 100\n', "test_a_receipt_is_short_and_readable"
    ),
    "no_id": fault(KEY, '{"Idempotency-Key": ""}', "test_a_repetition_can_be_told_from_a_new_message"),
    "one_id_for_all": fault(KEY, '{"Idempotency-Key": "chat"}', "test_a_repetition_can_be_told_from_a_new_message"),
    "new_id_each_time": fault(
        KEY, '{"Idempotency-Key": f"{message.message_id}-{message.attempts}"}',
        "test_a_repetition_can_be_told_from_a_new_message",
        "test_a_retry_hands_over_the_same_words",
    ),
    "swallows_refusals": fault(NO, "        return answer.summary\n", "test_a_refusal_is_for_good"),
    "asks_again_after_a_no": fault(
        NO, "        raise TemporaryDeliveryError(answer.summary)\n", "test_a_refusal_is_for_good"
    ),
    "bare_exceptions": fault(NO, "        raise RuntimeError(answer.summary)\n", "test_a_refusal_is_for_good"),
    "silent_about_why": fault(NO, '        raise DeliveryError("")\n', "test_a_refusal_is_for_good"),
    "gives_up_at_once": fault(
        LATER, "raise DeliveryError(answer.summary)", "test_what_was_not_taken_is_tried_again_and_that_is_certain[fails]"
    ),
    "swallows_failures": fault(
        LATER, "return answer.summary", "test_what_was_not_taken_is_tried_again_and_that_is_certain[fails]"
    ),
    "unsure_of_a_no": fault(
        LATER, LATER.replace(")", ", unsure=True)"), "test_what_was_not_taken_is_tried_again_and_that_is_certain[fails]"
    ),
    "sure_of_everything": fault(
        POST, WRAPPED % "error.text" + POST,
        "test_what_may_have_been_taken_is_unsure[drops]",
        "test_what_may_have_been_taken_is_unsure[silent]",
    ),
    "unsure_of_everything": fault(
        POST, WRAPPED % "error.text, unsure=True" + POST,
        "test_what_was_not_taken_is_tried_again_and_that_is_certain[fails]",
        "test_what_was_not_taken_is_tried_again_and_that_is_certain[down]",
    ),
    "waits_for_ever": fault(
        "within=within,", "within=within * 1000,", "test_nobody_is_kept_waiting_longer_than_was_said"
    ),
    "sulks": fault(
        LATER, "self._url = 'http://127.0.0.1:9/'; " + LATER, "test_it_works_again_after_a_failure"
    ),
    # In a shop
    "tells_by_a_hook": fault(
        HOOK, HOOK + AFTER,
        "test_a_change_sends_one_message_once",
        "test_a_customer_without_an_address_is_sent_nothing",
        "test_what_waits_when_it_is_switched_off_is_not_sent",
        "test_a_retry_hands_over_the_same_words",
    ),
    "overhears": fault(
        CHAT, CHAT.replace(RENDERED, "        words += NOTES\n" + RENDERED) + NOTES,
        "test_a_customer_reads_nothing_of_the_notes",
    ),
    # What it may offer beside that
    "has_every_template": more('template in ("received", "shipped")', "True", "test_it_knows_its_templates"),
    "bad_templates": more("if not self.render(sample).body", "if self.render(sample).body", "test_it_knows_its_templates"),
    "closes_for_good": more(
        "        self.closed = True", "        self._url = None", "test_it_sends_after_it_was_closed"
    ),
    "lists_nobodys_files": more('to="#asa", body', 'to="", body', "test_what_it_wrote_can_be_listed"),
    "domain_with_a_slash": more('removeprefix("#")[:1]', 'replace("#", "/")', "test_a_recipient_has_a_domain"),
    "no_domain": more('removeprefix("#")[:1]', "removeprefix(recipient)", "test_a_recipient_has_a_domain"),
    "counts_by_a_call": more(
        '        tx.insert("chat_sendings"', PATIENT + '        tx.insert("chat_sendings"',
        "test_counting_only_uses_the_database",
    ),
    "describes_in_one_language": more(
        'f"{n} characters"', '""', "test_a_description_is_in_both_languages"
    ),
    "believes_everybody": more(
        'if report.headers.get("signature") != expected:', "if False:",
        "test_a_forged_report_is_not_believed",
        "test_no_report_makes_it_raise_anything_else",
    ),
    "chokes_on_reports": more(
        "        expected =", "        json.loads(report.body)\n        expected =",
        "test_no_report_makes_it_raise_anything_else",
    ),
    "hears_only_good_news": more(
        'arrival=Arrival(said["arrival"])', "arrival=Arrival.DELIVERED", "test_a_report_that_it_did_not_arrive_is_understood"
    ),
    "of_another_message": more(
        'message_id=said["id"]', 'message_id=said["id"].upper()',
        "test_a_report_is_heard_once",
        "test_a_report_that_it_did_not_arrive_is_understood",
    ),
}  # fmt: skip


def _suite(name):
    known = FAULTS[name]
    base = FullSuite if known.source is FULL else ChatSuite
    return type(f"Test_{name}", (base,), {"text": known.text, "patience": timedelta(seconds=2)})


globals().update({f"Test_{name}": _suite(name) for name in FAULTS})

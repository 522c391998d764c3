"""`ashop message preview`: what a status would send, as its recipients would read it, and what not and why."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import command, option, usage_error, with_shop
from ashop_core.cli.change import read_pair
from ashop_core.cli.change_words import Pairs
from ashop_core.cli.language import say
from ashop_core.cli.message_page import Shown, page
from ashop_core.cli.names import AUDIENCES, find_status
from ashop_core.cli.outcome import sender_label, show_words
from ashop_core.cli.output import (
    JSON,
    clean,
    heading,
    json_option,
    note,
    show_pairs,
    stamp,
    when,
    write_json_array,
)
from ashop_core.durations import duration_words
from ashop_core.message_preview import PreviewRequest, StatusPreview
from ashop_core.models import Audience, Rendered
from ashop_core.rule_preview import MessagePreview
from ashop_core.texts import LANGUAGES, Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command(
    epilog=Text(
        "Exempel:\n  ashop message preview --status skickad --order 100234 --language en --open",
        "Example:\n  ashop message preview --status shipped --order 100234 --language en --open",
    )
)
@option(
    "--status", metavar=Text("STATUS", "STATUS"),
    help=Text("Annars alla som ordern kan få nu.", "Otherwise all that the order may enter now."),
)  # fmt: skip
@option(
    "--order", metavar=Text("ORDER", "ORDER"),
    help=Text("En order; annars en påhittad.", "An order; otherwise a made-up one."),
)  # fmt: skip
@option(
    "--language", "words_in", type=click.Choice(LANGUAGES),
    help=Text("Språket; annars orderns.", "The language; otherwise the order's."),
)  # fmt: skip
@option(
    "--channel", default="", metavar=Text("KANAL", "CHANNEL"),
    help=Text(
        "Bara den kanalen, även om statusen inget skickar där.", "Only that channel, even if the status sends nothing there."
    ),
)  # fmt: skip
@option(
    "--staff", is_flag=True,
    help=Text("Bara meddelanden till personalen.", "Only messages to staff."),
)  # fmt: skip
@option(
    "--field", "fields", multiple=True, metavar=Text("KOD=VÄRDE", "CODE=VALUE"),
    help=Text("Ett fält som statusen frågar efter.", "A field that the status asks for."),
)  # fmt: skip
@option(
    "--open", "on_page", is_flag=True,
    help=Text("Öppna allt i webbläsaren, mejlen som de ser ut.", "Open it all in the browser, mails as they look."),
)  # fmt: skip
@json_option
@with_shop
def preview(
    shop: Shop, status: str | None, order: str | None, words_in: str | None, channel: str, staff: bool,
    fields: tuple[str, ...], on_page: bool, form: str,
) -> None:  # fmt: skip
    """Show what a status would send, to whom and when, and what it would not send and why; nothing is changed."""
    found = shop.order(order) if order is not None else None
    request = PreviewRequest(
        order=found,
        status=find_status(shop.flows, status, found).code if status is not None else None,
        fields=dict(read_pair(pair) for pair in fields),
        language=words_in or "",
        channel=channel,
        staff=staff,
    )
    if fields and status is None:
        usage_error(Text("--field hör till --status", "--field goes with --status"))
    previews = list(shop.preview_messages(request))
    if form == JSON:
        write_json_array(_document(one, message) for one in previews for message in one.messages)
        return
    for one in previews:
        _show(shop, one)
    if not previews:
        none = Text("Ingen status härifrån skickar något sådant.", "No status from here sends any such.")
        click.echo(say(none))
    if on_page:
        _open(shop, previews)


def _show(shop: Shop, one: StatusPreview) -> None:
    made_up = Text("en påhittad order", "a made-up order")
    name = say(made_up) if one.made_up else one.order.name
    heading(f"{name} → {say(one.status.label)}")
    show_pairs([(Text("Hinder", "Obstacle"), say(problem.staff_text)) for problem in one.obstacles])
    for message in one.messages:
        click.echo()
        _show_message(shop, message)
    if not one.messages:
        click.echo(f"  {say(_NONE)}")


_NONE = Text(
    "Statusen skickar inget sådant; --channel visar hur det skulle låta.",
    "The status sends no such message; --channel shows how it would read.",
)


def _show_message(shop: Shop, message: MessagePreview) -> None:
    mark = "" if message.sent else "× "
    click.echo(f"  {mark}{_title(shop, message)}")
    sender = message.rendered.sender if message.rendered else ""
    reply_to = message.rendered.reply_to if message.rendered else ""
    pairs: Pairs = [
        (Text("Skickas inte", "Not sent"), say(message.why)),
        (Text("Från", "From"), sender),
        (Text("Svar till", "Reply to"), reply_to),
        (Text("Mall", "Template"), message.template),
        (Text("Gäller bara", "Only for"), say(message.only_for) if message.sent else ""),
        (Text("Skickas", "Sent"), say(_leaving(message)) if message.sent else ""),
        (Text("Omfattning", "Length"), say(message.described)),
    ]
    show_pairs(pairs, 4)
    if message.rendered is not None:
        show_words(message.rendered.subject, message.rendered.body)


def _title(shop: Shop, message: MessagePreview) -> str:
    """Return a message in a line: its channel, to whom, and that it is for staff where it is."""
    to = clean(message.recipient)
    if message.rule.audience is Audience.STAFF:
        to = f"{to or ', '.join(message.rule.to)} ({say(AUDIENCES[Audience.STAFF])})".strip()
    return " → ".join(part for part in (sender_label(shop, message.rule.channel), to) if part)


def _leaving(message: MessagePreview) -> Text:
    """Return when a message would leave."""
    if not message.wait:
        return Text("direkt", "at once")
    if message.wait > message.rule.delay:
        soon = Text("{n} sekunder efter ändringen", "{n} seconds after the change")
        return soon.fill(n=int(message.wait.total_seconds()))
    later = Text("efter {time} ({day})", "after {time} ({day})")
    still = Text(
        "efter {time} ({day}), om ordern då har kvar statusen",
        "after {time} ({day}), if the order still has the status",
    )
    words = later if message.rule.even_later else still
    return words.fill(time=duration_words(message.rule.delay), day=when(message.leaves))


def _document(one: StatusPreview, message: MessagePreview) -> dict[str, Any]:
    """Return a message as plain data, for JSON."""
    rendered = message.rendered
    return {
        "status": one.status.code,
        "order": None if one.made_up else one.order.name,
        "obstacles": [{"code": p.code, "text": p.staff_text} for p in one.obstacles],
        "audience": message.rule.audience.value,
        "channel": message.rule.channel,
        "template": message.template,
        "language": one.order.language,
        "to": message.recipient,
        "sent": message.sent,
        "why": None if message.sent else message.why,
        "only_for": message.only_for if message.only_for.sv else None,
        "leaves": stamp(message.leaves),
        "described": message.described if message.described.sv else None,
        "from": rendered.sender if rendered else None,
        "subject": rendered.subject if rendered else None,
        "body": rendered.body if rendered else None,
        "html": rendered.html if rendered else None,
    }


def _open(shop: Shop, previews: Sequence[StatusPreview]) -> None:
    """Write a page that only this user can read, and open it."""
    title = Text("Meddelanden från {shop}", "Messages from {shop}").fill(shop=shop.settings.shop.name)
    shown = [_shown(shop, one, message) for one in previews for message in one.messages]
    handle, path = tempfile.mkstemp(prefix="ashop-", suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(page(say(title), shown, ("desk", "phone")))
    note(Text("Sidan: {path}", "The page: {path}").fill(path=path))
    if click.launch(path):
        note(
            Text(
                "Ingen webbläsare hittades: öppna filen själv.",
                "No browser was found: open the file yourself.",
            )
        )


def _shown(shop: Shop, one: StatusPreview, message: MessagePreview) -> Shown:
    leaves = Text("Skickas {when}.", "Sent {when}.").fill(when=_leaving(message))
    words = message.rendered or Rendered(subject="", body="")
    return Shown(
        heading=f"{say(one.status.label)}: {_title(shop, message)}",
        notes=(say(leaves) if message.sent else "", say(message.described)),
        why=say(message.why),
        subject=words.subject,
        body=words.body,
        html=words.html,
    )

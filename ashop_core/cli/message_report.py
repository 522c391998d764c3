"""`ashop message report`: what a receiving side told of messages, such as a mail that came back, read by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import click

from ashop_core.channels import IncomingReport
from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.file_options import contents
from ashop_core.cli.language import say
from ashop_core.cli.message_words import recipient_words, standing_words, why_words
from ashop_core.cli.output import JSON, json_option, show_pairs, stamp, write_json
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.messages import MessageRow
    from ashop_core.shop import Shop

LARGEST = 25 * 1024 * 1024
_FORM = "application/x-www-form-urlencoded"


@command(
    epilog=Text(
        "Exempel:\n  ashop message report email studs.eml\n"
        "  ashop message report sms rapport.txt --url https://butiken.example/sms?key=…\n"
        'I en postserver:  butik: "|ashop --shop /srv/butik message report email -"',
        "Examples:\n  ashop message report email bounce.eml\n"
        "  ashop message report sms report.txt --url https://shop.example/sms?key=…\n"
        'In a mail server:  shop: "|ashop --shop /srv/shop message report email -"',
    )
)
@argument("channel", metavar=Text("KANAL", "CHANNEL"))
@argument("file", metavar=Text("FIL", "FILE"), help=Text("- läser standard in.", "- reads standard input."))
@option(
    "--url",
    default="",
    metavar=Text("URL", "URL"),
    help=Text(
        "Adressen som anropades, om rapporten kom som ett webbanrop.",
        "The address called, if it was a web request.",
    ),
)
@option(
    "--header",
    "headers",
    multiple=True,
    metavar=Text("NAMN: VÄRDE", "NAME: VALUE"),
    help=Text("En rubrik i webbanropet.", "A header of the web request."),
)
@json_option
@with_shop
def report(shop: Shop, channel: str, file: str, url: str, headers: tuple[str, ...], form: str) -> None:
    """Read in what came back: a mail that bounced, or the body of a report from an SMS provider.

    What it tells of messages is written down; the same again changes nothing.
    """
    told = shop.take_report(channel, _incoming(contents(file, LARGEST), url, dict(map(_header, headers))))
    if form == JSON:
        write_json({"channel": channel, "told": [_document(row) for row in told]})
        return
    for row in told:
        click.echo(
            f"{row.message.id}  {row.order or ''}  {recipient_words(row.message)}  {say(standing_words(row.message))}"
        )
        show_pairs([(Text("Varför", "Why"), why_words(row.message))], 4)
    if not told:
        click.echo(say(Text("Rapporten sade inget nytt.", "The report told nothing new.")))


def _document(row: MessageRow) -> dict[str, Any]:
    message = row.message
    return {
        "id": message.id, "order": row.order, "arrival": message.arrival.value, "words": message.arrival_words,
        "at": stamp(message.arrival_at),
    }  # fmt: skip


def _incoming(body: bytes, url: str, headers: dict[str, str]) -> IncomingReport:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    if url and headers.get("content-type", _FORM).startswith(_FORM):
        pairs += parse_qsl(body.decode("utf-8", "replace").strip(), keep_blank_values=True)
    return IncomingReport(url=url, form=dict(pairs), headers=headers, body=body)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        usage_error(Text("--header {t}: skriv NAMN: VÄRDE", "--header {t}: write NAME: VALUE").fill(t=text))
    return name.strip().lower(), value.strip()

"""`ashop message mailbox`: what channels wrote to files because the shop has nobody yet who sends for it."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ashop_core.channel_answers import several_of
from ashop_core.channels import WritesFiles, WrittenFile
from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.message_page import Shown, page
from ashop_core.cli.output import Column, list_options, note, show_list, time_column, when
from ashop_core.errors import AshopError
from ashop_core.files import write_atomically
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

PAGE = "mailbox.html"
LONGEST_HEADING = 50


class _Found(NamedTuple):
    channel: Text
    code: str
    file: WrittenFile


@command(
    epilog=Text(
        "För att prova utan att något lämnar butiken: en kanal utan mejlserver eller sms-leverantör skriver filer.",
        "For trying out without anything leaving the shop: a channel without mail server or SMS provider writes files.",
    )
)
@option(
    "--open", "show", is_flag=True,
    help=Text("Gör en sida av allt och öppna den i webbläsaren.", "Make a page of it all and open it in the browser."),
)  # fmt: skip
@list_options
@with_shop
def mailbox(shop: Shop, show: bool, form: str) -> None:
    """List the messages that were written to files instead of being sent, newest first."""
    found = _written(shop)
    show_list(_columns(shop), found, form, empty=Text("Inga filer.", "No files."))
    if show and found:
        path = found[0].file.path.with_name(PAGE)
        _write(path, _page(shop, found))
        note(Text("Sidan: {path}", "The page: {path}").fill(path=_shown(shop, path)))
        if not webbrowser.open(path.absolute().as_uri()):
            words = (
                "Ingen webbläsare hittades: öppna filen själv.",
                "No browser was found: open the file yourself.",
            )
            note(Text(*words))


def _written(shop: Shop) -> list[_Found]:
    found = [
        _Found(channel.label, code, file)
        for code, channel in shop.channels.items()
        if isinstance(channel, WritesFiles)
        for file in several_of(code, "written", WrittenFile, channel.written)
    ]
    return sorted(found, key=lambda f: (f.file.at, f.file.path.name), reverse=True)


def _columns(shop: Shop) -> list[Column[_Found]]:
    return [
        time_column("written", Text("Skrivet", "Written"), lambda f: f.file.at),
        Column("channel", Text("Kanal", "Channel"), lambda f: f.code, words=lambda f: say(f.channel)),
        Column("recipient", Text("Till", "To"), lambda f: f.file.to),
        Column(
            "subject", Text("Ämne", "Subject"), lambda f: f.file.subject, words=lambda f: _heading(f.file)
        ),
        Column("file", Text("Fil", "File"), lambda f: _shown(shop, f.file.path)),
    ]


def _heading(file: WrittenFile) -> str:
    """Return the subject, or how the words begin where there is none."""
    first = file.body.strip().partition("\n")[0]
    return file.subject or (first if len(first) <= LONGEST_HEADING else f"{first[:LONGEST_HEADING]}…")


def _shown(shop: Shop, path: Path) -> str:
    """Return a path as the settings write it: from the shop's folder, where it lies in there."""
    folder = shop.settings.path(".")
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _write(path: Path, content: str) -> None:
    try:
        write_atomically(path, content.encode())
    except OSError as error:
        words = Text("{path} kunde inte skrivas: {why}", "{path} could not be written: {why}")
        raise AshopError(words.fill(path=path, why=error.strerror or error)) from error


def _page(shop: Shop, found: list[_Found]) -> str:
    title = Text("Skrivet av {shop}, inte skickat", "Written by {shop}, not sent")
    messages = [
        Shown(
            heading=_heading(one.file),
            notes=(f"{say(one.channel)} · {one.file.to} · {when(one.file.at)}",),
            body=one.file.body,
            html=one.file.html,
            is_open=number == 0,
        )
        for number, one in enumerate(found)
    ]
    return page(say(title.fill(shop=shop.settings.shop.name)), messages)

"""A page that shows messages as they look: mails in frames of their own, other messages as text. Fetches nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ashop_core.cli.language import language, say
from ashop_core.cli.message_preview import leaving, title
from ashop_core.previewing import StatusPreview
from ashop_core.rule_previews import MessagePreview
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
  body {{ margin: 24px auto; padding: 0 16px; max-width: 1100px; font: 16px/1.5 system-ui, sans-serif; }}
  h1 {{ font-size: 22px; }}
  h2 {{ margin: 40px 0 4px; font-size: 18px; overflow-wrap: anywhere; }}
  p {{ margin: 2px 0; overflow-wrap: anywhere; }}
  .why {{ color: #b3261e; }}
  .mails {{ display: flex; flex-wrap: wrap; gap: 16px; margin-top: 12px; }}
  iframe {{ height: 900px; border: 1px solid #8886; border-radius: 8px; background: #fff; }}
  .desk {{ flex: 1 1 620px; min-width: 0; }}
  .phone {{ flex: 0 1 390px; width: 390px; max-width: 100%; }}
  pre {{ max-width: 360px; margin: 12px 0; padding: 12px 14px; border-radius: 14px; background: #8883; font: inherit;
        white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
_LEAVES = Text("Går {when}.", "Leaves {when}.")
_TITLE = Text("Meddelanden från {shop}", "Messages from {shop}")


def written_page(shop: Shop, previews: Sequence[StatusPreview]) -> Path:
    """Write the page to a file that only this user can read; return where it is."""
    handle, name = tempfile.mkstemp(prefix="ashop-", suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(page(shop, previews))
    return Path(name)


def page(shop: Shop, previews: Sequence[StatusPreview]) -> str:
    """Return the page. Nothing of a message can run in it, whatever the shop's templates hold."""
    named = escape(say(_TITLE.fill(shop=shop.settings.shop.name)))
    body = "\n".join(part for one in previews for part in _status(shop, one))
    return _PAGE.format(language=language(), title=named, body=body)


def _status(shop: Shop, one: StatusPreview) -> Iterator[str]:
    for message in one.messages:
        yield f"<h2>{escape(say(one.status.label))}: {escape(title(shop, message))}</h2>"
        yield from _message(message)


def _message(message: MessagePreview) -> Iterator[str]:
    if message.sent:
        yield f"<p>{escape(say(_LEAVES.fill(when=leaving(message))))}</p>"
    else:
        yield f'<p class="why">{escape(say(message.why))}</p>'
    if message.details.sv:
        yield f"<p>{escape(say(message.details))}</p>"
    if message.rendered is None:
        return
    if message.rendered.subject:
        yield f"<p><b>{escape(message.rendered.subject)}</b></p>"
    if message.rendered.html is None:
        yield f"<pre>{escape(message.rendered.body)}</pre>"
        return
    inside = escape(message.rendered.html, quote=True)
    frames = "".join(
        f'<iframe class="{width}" sandbox srcdoc="{inside}"></iframe>' for width in ("desk", "phone")
    )
    yield f'<div class="mails">{frames}</div>'

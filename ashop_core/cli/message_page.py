"""A page that shows messages as they look: mails in frames of their own, the others as text. Nothing in it can run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from ashop_core.cli.language import language

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
  body {{ margin: 24px auto; padding: 0 16px; max-width: 1100px; font: 16px/1.5 system-ui, sans-serif; }}
  h1 {{ font-size: 22px; }}
  details {{ margin: 12px 0; padding: 8px 14px; border: 1px solid #8886; border-radius: 8px; }}
  summary {{ cursor: pointer; font-weight: bold; overflow-wrap: anywhere; }}
  p {{ margin: 2px 0; overflow-wrap: anywhere; }}
  .why {{ color: #b3261e; }}
  .mails {{ display: flex; flex-wrap: wrap; gap: 16px; margin-top: 12px; }}
  iframe {{ height: 900px; border: 1px solid #8886; border-radius: 8px; background: #fff; }}
  .desk {{ flex: 1 1 620px; min-width: 0; }}
  .phone {{ flex: 0 1 390px; width: 390px; max-width: 100%; }}
  pre {{ max-width: 360px; margin: 12px 0; padding: 12px 14px; border-radius: 14px; background: #8883; font: inherit;
        white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>{title}</h1>
{messages}
</body>
</html>
"""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message on the page: a heading, what is said of it, why it is not sent if so, and its words if there are any."""

    heading: str
    notes: Sequence[str] = ()
    why: str = ""
    subject: str = ""
    body: str = ""
    html: str | None = None
    is_open: bool = True


def page(title: str, messages: Iterable[Shown], widths: Sequence[str] = ("desk",)) -> str:
    """Return the page; each mail in frames as wide as a ``desk`` or a ``phone``, whatever a template put into it."""
    shown = "\n".join(_message(message, widths) for message in messages)
    return _PAGE.format(language=language(), title=escape(title), messages=shown)


def _message(message: Shown, widths: Sequence[str]) -> str:
    lines = [f"<p>{escape(note)}</p>" for note in message.notes if note]
    if message.why:
        lines.append(f'<p class="why">{escape(message.why)}</p>')
    if message.subject:
        lines.append(f"<p><b>{escape(message.subject)}</b></p>")
    if message.html is not None:
        inside = escape(message.html)
        frames = (f'<iframe class="{width}" sandbox srcdoc="{inside}"></iframe>' for width in widths)
        lines.append(f'<div class="mails">{"".join(frames)}</div>')
    elif message.body:
        lines.append(f"<pre>{escape(message.body)}</pre>")
    opened = " open" if message.is_open else ""
    return "\n".join([
        f"<details{opened}><summary>{escape(message.heading)}</summary>", *lines, "</details>"
    ])  # fmt: skip

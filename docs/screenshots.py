"""Pictures of the mails that ship, as a real Chromium draws them: `make screenshots`.

Each mail in both languages, light and dark, at desk and at phone width side by side, as PNG under ``pictures/``. It
also tries mails that are hard to lay out, and ends with exit code 1 if one is wider than the window at any width
from 320 pixels.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chromium import Browser, NoChromiumError, browser
from pictured import hard, messages

from ashop_core.customer import MessageContext
from ashop_core.shop import Shop
from ashop_core.testing import write_shop
from ashop_core.texts import LANGUAGES

PICTURES = Path(__file__).parent / "pictures"
DESK, PHONE = 1000, 390
GAP = 24
WIDTHS = (320, 360, PHONE, 600, 768, DESK)
_SHEET = f"""<!DOCTYPE html>
<style>body {{ margin: {GAP}px; background: #8b918d }} div {{ display: flex; gap: {GAP}px; align-items: start }}</style>
<div>…</div>"""


def main() -> int:
    """Draw every picture; return the exit code."""
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Shop.open(write_shop(Path(folder), "email")) as shop,
            browser() as page,
        ):
            PICTURES.mkdir(exist_ok=True)
            for language in LANGUAGES:
                for name, context in messages(language):
                    _draw(page, shop, name, context)
            wide = list(_too_wide(page, shop))
    except NoChromiumError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(wide) or "No mail is wider than its window.")
    return 1 if wide else 0


def _draw(page: Browser, shop: Shop, name: str, context: MessageContext) -> None:
    html = shop.channels["email"].render(context).html or ""
    for dark in (False, True):
        path = PICTURES / f"{name}.{context.language}.{'dark' if dark else 'light'}.png"
        path.write_bytes(_beside(page, html, dark=dark))
        print(f"pictures/{path.name}  {path.stat().st_size // 1024} KiB")


def _beside(page: Browser, html: str, *, dark: bool) -> bytes:
    """Return a mail as it is at a desk, and beside it as it is on a phone."""
    parts = []
    for width in (DESK, PHONE):
        page.show(html, width, dark=dark)
        parts.append(page.shot())
    images = "".join(f'<img src="data:image/png;base64,{part}">' for part in parts)
    page.show(_SHEET.replace("…", images), DESK + PHONE + 3 * GAP)
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    return page.picture()


def _too_wide(page: Browser, shop: Shop) -> Iterator[str]:
    """Yield what would have to be scrolled sideways."""
    for name, context in [*messages("sv"), *messages("en"), *hard()]:
        for width in WIDTHS:
            page.show(shop.channels["email"].render(context).html or "", width)
            needed = page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                yield f"{name} of “{context.shop_name[:20]}” takes {needed} pixels at {width}"


if __name__ == "__main__":
    sys.exit(main())

"""Write the generated pages of the documentation anew, or with --check tell which are stale.

Generated are the reference pages (hooks, settings, statuses, commands) and, in the hand-written pages, the
output under every ``$ ashop …`` line of a ```console block: each page is played from top to bottom in a
shop of its own, at a fixed time, so that what a reader sees is what the program says. What stands between
``<!-- table: … -->`` and ``<!-- end -->`` is a table from the code (`filled.py`).
"""

from __future__ import annotations

import sys
from pathlib import Path

from consoles import played
from filled import filled
from reference import PAGES

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PLAYED = (
    "README.md",
    "docs/tutorial.md",
    "docs/plugin-authors.md",
    "docs/races.md",
    "docs/stock.md",
    "docs/messages.md",
    "docs/channels.md",
)


def pages() -> dict[Path, str]:
    """Return every generated or played page with the text it should have."""
    made = {DOCS / name: write() for name, write in PAGES.items()}
    for name in PLAYED:
        path = ROOT / name
        if path.exists():
            made[path] = filled(played(path.read_text(encoding="utf-8")))
    return made


def main() -> int:
    """Write or check the pages; return the exit code."""
    stale = [
        (path, text)
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" not in sys.argv:
        for path, text in stale:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
        return 0
    for path, _ in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `make docs`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

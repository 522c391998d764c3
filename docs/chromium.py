"""A real Chromium without a window, to look at pages with: no driver and no library between, one pipe."""

from __future__ import annotations

import base64
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

COLOURS = 48
_FEW_COLOURS = """async (png, most) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const data = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const colour of data) counts.set(colour, (counts.get(colour) || 0) + 1);
  const kept = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most).map(c => c[0]);
  const parts = c => [c & 255, (c >> 8) & 255, (c >> 16) & 255], nearest = new Map();
  const far = (a, b) => parts(a).reduce((sum, part, i) => sum + (part - parts(b)[i]) ** 2, 0);
  for (const colour of counts.keys())
    nearest.set(colour, kept.reduce((best, one, i) => far(colour, one) < far(colour, kept[best]) ? i : best, 0));
  const text = bytes => { let s = ""; for (const b of bytes) s += String.fromCharCode(b); return btoa(s); };
  return [text(kept.flatMap(parts)), text(data.map(colour => nearest.get(colour)))];
}"""
"""The picture with its most frequent colours only, the others as the nearest of them."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


class NoChromiumError(Exception):
    """There is no Chromium and none can be installed; the text says what to do."""


def find_chromium() -> str:
    """Return the program, from Debian's package if it has to be installed first. Raises NoChromiumError."""
    return next(filter(None, map(shutil.which, NAMES)), None) or _installed()


def _installed() -> str:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise NoChromiumError(
            "There is no Chromium here, and only root can install Debian's: run `apt-get install chromium` as root, "
            "or put a `chromium` on the PATH."
        )
    print("Installing Debian's chromium ...", file=sys.stderr)
    for words in (
        ["update", "-qq"],
        ["install", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        done = subprocess.run(
            [apt, *words], stdout=sys.stderr, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        )
        if done.returncode:
            raise NoChromiumError(
                f"`apt-get {' '.join(words)}` failed; install chromium by hand and try again."
            )
    found = shutil.which("chromium")
    if found is None:
        raise NoChromiumError("apt-get installed chromium, but there is no such program on the PATH.")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium for as long as the block lasts, with nothing kept of it. Raises NoChromiumError."""
    program = find_chromium()
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        arguments = [
            program, "--headless", "--remote-debugging-pipe", f"--user-data-dir={folder}", "--no-sandbox",
            "--hide-scrollbars", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            "--font-render-hinting=none", "--disable-lcd-text", "about:blank",
        ]  # fmt: skip
        # Chromium takes its orders on descriptor 3 and answers on 4, whatever numbers they have here.
        shell = f'exec "$@" 3<&{to_read} 4>&{from_write}'
        process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", *arguments],
            pass_fds=(to_read, from_write), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(from_write)
        try:
            yield Browser(to_write, from_read)
        finally:
            os.close(to_write)
            os.close(from_read)
            process.terminate()
            process.wait(timeout=20)


class Browser:
    """One page in a running Chromium."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read, self._rest, self._count = write, read, b"", 0
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def show(self, html: str, width: int, *, dark: bool = False) -> None:
        """Lay a page out as wide as a window of `width` pixels."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._page("Emulation.setEmulatedMedia", features=scheme)
        self._page(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=600,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        frame = self._page("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._page("Page.setDocumentContent", frameId=frame, html=html)

    def evaluate(self, script: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        said = self._page("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return said["result"].get("value")

    def picture(self) -> bytes:
        """Return the whole page as a PNG of few colours: text on plain ground, in a third of the bytes."""
        width, height = self._size()
        said = self.evaluate(f"({_FEW_COLOURS})('{self.shot()}', {COLOURS})")
        palette, pixels = (base64.b64decode(part) for part in said)
        return _png(width, height, palette, pixels)

    def shot(self) -> str:
        """Return the whole page as a PNG in all its colours, as base64."""
        width, height = self._size()
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        said = self._page("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return str(said["data"])

    def _size(self) -> tuple[int, int]:
        width, height = self.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        return width, height

    def _page(self, method: str, **given: Any) -> dict[str, Any]:
        return self._ask(method, self._session, **given)

    def _ask(self, method: str, session: str | None = None, **given: Any) -> dict[str, Any]:
        self._count += 1
        order: dict[str, Any] = {"id": self._count, "method": method, "params": given}
        if session:
            order["sessionId"] = session
        os.write(self._write, json.dumps(order).encode() + b"\0")
        while True:
            answer = json.loads(self._next())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> bytes:
        while b"\0" not in self._rest:
            more = os.read(self._read, 1 << 20)
            if not more:
                raise RuntimeError("Chromium has ended")
            self._rest += more
        said, _, self._rest = self._rest.partition(b"\0")
        return said


def _png(width: int, height: int, palette: bytes, pixels: bytes) -> bytes:
    """Return a PNG whose pixels are numbers of colours in a palette."""
    rows = b"".join(b"\0" + pixels[start : start + width] for start in range(0, width * height, width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

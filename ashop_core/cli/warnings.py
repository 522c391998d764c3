"""What the core and plugins log as a warning, as one line for the person at the terminal."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ashop_core.cli.output import note
from ashop_core.texts import Text

LOGGER = "ashop"


class OneLine(logging.Handler):
    """Prints a warning without its traceback: `ashop doctor` tells what is behind it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Print one warning to standard error."""
        note(Text("Varning: {m}", "Warning: {m}").fill(m=record.getMessage()))


def listen() -> Callable[[], None]:
    """Print warnings from now on; call what this returns to print no more."""
    handler = OneLine()
    logging.getLogger(LOGGER).addHandler(handler)
    return lambda: logging.getLogger(LOGGER).removeHandler(handler)

"""What came of a replay, in figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ashop_core.cli.language import say
from ashop_core.cli.terminal import heading, show_pairs
from ashop_core.texts import Text
from ashop_demo.figures import decimals, thousands
from ashop_demo.replay.run import Replay
from ashop_demo.replay.survey import Reason

_SUCH_AS = Text(", bl.a.", ", such as")
Pair = tuple[Text | str, str]


def report(result: Replay, file: Path) -> None:
    """Print what the file held, what the shop did with it, and what that took."""
    heading(Text("Ur filen {file}", "From the file {file}").fill(file=file.name))
    show_pairs(_of_the_file(result))
    heading(Text("I butiken", "In the shop"))
    show_pairs(_in_the_shop(result))


def _of_the_file(result: Replay) -> Iterator[Pair]:
    found = result.survey
    yield Text("Rader", "Rows"), _number(found.rows + found.rows_refused)
    yield Text("varav i ordrar", "of which in orders"), _number(found.rows)
    for reason in sorted(found.refused.values(), key=lambda reason: -reason.rows):
        yield Text("varav nekade", "of which refused"), f"{_number(reason.rows)}{_why(reason)}"
    yield Text("Ordrar", "Orders"), _number(found.orders)
    yield Text("Orderrader", "Order lines"), _number(found.lines)
    yield Text("Artiklar", "Items"), _number(result.items)
    yield Text("Tid", "Time"), f"{found.first:%Y-%m-%d} – {found.last:%Y-%m-%d}"


def _why(reason: Reason) -> str:
    """Return the reason, or the first of several that have figures of their own."""
    return f"{'' if reason.alike else say(_SUCH_AS)}: {say(reason.words)}"


def _in_the_shop(result: Replay) -> Iterator[Pair]:
    found = result.survey
    yield Text("Lagda ordrar", "Orders placed"), _number(found.orders - result.refused)
    yield Text("Nekade: slut i lagret", "Refused: sold out"), _number(result.refused)
    yield Text("Inleveranser", "Receipts of goods"), _number(result.received)
    for code, count in sorted(result.messages.items()):
        yield Text("Skickat: {code}", "Sent: {code}").fill(code=code), _number(count)
    rate = found.orders / max(result.seconds, 0.001)
    yield Text("Tid", "Took"), f"{say(decimals(result.seconds))} s"
    yield Text("Ordrar per sekund", "Orders per second"), f"{rate:.0f}"
    if result.peak is not None:
        yield Text("Minne som mest", "Peak memory"), f"{result.peak / 1e6:.0f} MB"


def _number(value: int) -> str:
    return say(thousands(value))

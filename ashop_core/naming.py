"""What people call a status: its code, or its label in either language."""

from __future__ import annotations

from collections.abc import Iterable

from ashop_core.errors import InvalidInput, NotFound
from ashop_core.flows import Flows
from ashop_core.models import Order, Status
from ashop_core.texts import Text, joined, same


def find_status(flows: Flows, words: str, order: Order | None = None) -> Status:
    """Return the status that people mean: its code, or its label in either language, in any case.

    Raises NotFound or InvalidInput with the choices: those that `order` may enter now, if it is given.
    """
    meant = plain(words)
    found = [s for s in flows.statuses.values() if meant in _names(s)]
    exact = [s for s in found if plain(s.code) == meant]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        # Two statuses may have the same label; mostly only one of them can be meant here.
        here = [s for s in found if order is not None and s in flows.next_statuses(order)]
        if len(here) == 1:
            return here[0]
        raise InvalidInput(
            Text(
                "”{words}” kan vara {choices}. Ange koden.", "“{words}” may be {choices}. Give the code."
            ).fill(words=words, choices=status_choices(found))
        )
    raise _no_status(flows, words, order)


def _no_status(flows: Flows, words: str, order: Order | None) -> NotFound:
    if order is None:
        return NotFound(
            Text(
                "Det finns ingen status ”{words}”. Välj bland: {choices}.",
                "There is no status “{words}”. Choose from: {choices}.",
            ).fill(words=words, choices=status_choices(flows.statuses.values()))
        )
    return NotFound(
        Text(
            "Det finns ingen status ”{words}”. {name} är {status} och kan bli: {choices}.",
            "There is no status “{words}”. {name} is {status} and may become: {choices}.",
        ).fill(
            words=words,
            name=order.name,
            status=flows.status(order.status).label,
            choices=status_choices(flows.next_statuses(order)),
        )
    )


def status_choices(statuses: Iterable[Status]) -> Text:
    """Return statuses as a person may choose among them: label and code."""
    texts = [Text(f"{s.label.sv} ({s.code})", f"{s.label.en} ({s.code})") for s in statuses]
    return joined(texts) if texts else same("–")


def plain(words: str) -> str:
    """Return words as they are compared when somebody names a thing: case, spaces and _ do not matter."""
    return " ".join(words.casefold().replace("_", " ").split())


def _names(status: Status) -> set[str]:
    return {plain(status.code), plain(status.label.sv), plain(status.label.en)}

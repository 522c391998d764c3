"""What `ashop doctor --fix` does: each plugin's repairs of what was found in its own data, apart from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.errors import AshopError
from ashop_core.plugins import by_name
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.finding import Finding
    from ashop_core.plugins import Implementation
    from ashop_core.shop import Shop

HOOK = "ashop_describe_repairs"


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A way to mend findings of one plugin: their `codes`, what is done about them in words, and the deed.

    ``run(shop, dry_run)`` mends all that can be mended, in short transactions, and gives a Text for each thing it
    did, as it goes; a dry run gives the same and keeps nothing. Doing it twice does nothing the second time, and
    after a kill in the middle the next run does the rest.
    """

    codes: tuple[str, ...]
    text: Text
    run: Callable[[Shop, bool], Iterable[Text]]


@dataclass(frozen=True, kw_only=True)
class Mended:
    """What one repair did, and how it failed if it did: what it tells was done is done all the same."""

    plugin: str
    text: Text
    done: tuple[Text, ...] = ()
    fault: Text | None = None


def mend(shop: Shop, findings: Iterable[Finding], *, dry_run: bool = False) -> Iterator[Mended]:
    """Run the repairs of what was found and yield what each did; one that fails keeps no other from running."""
    found = {(finding.plugin, finding.code) for finding in findings}
    for implementation in shop.plugins.implementations(HOOK):
        plugin = implementation.plugin
        if not any(plugin == owner for owner, _ in found):
            continue
        repairs, fault = shop.plugins.describe(implementation, Repair, shop=shop)
        for repair in repairs:
            if any((plugin, code) in found for code in repair.codes):
                yield _run(implementation, repair, shop, dry_run)
        if fault is not None:
            words = Text("dess rättningar gick inte att få fram", "its repairs could not be had")
            yield Mended(plugin=plugin, text=words, fault=fault.text)


def _run(implementation: Implementation, repair: Repair, shop: Shop, dry_run: bool) -> Mended:
    done: list[Text] = []

    def run() -> None:
        for words in repair.run(shop, dry_run):
            if not isinstance(words, Text):
                raise TypeError(f"{type(words).__name__} is no Text")
            done.append(words)

    fault = None
    try:
        by_name(implementation.plugin, "doctor --fix", run)
    except AshopError as error:
        fault = error.text
    return Mended(plugin=implementation.plugin, text=repair.text, done=tuple(done), fault=fault)

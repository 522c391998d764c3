"""`ashop stock edit`: an item's name, group, terms and pin, several at once."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from ashop_core.cli.app import command, option, usage_error
from ashop_core.cli.output import note as tell_note
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text, same
from ashop_stock_control import stock
from ashop_stock_control.checks import NO_GROUP
from ashop_stock_control.cli.one_item import (
    GROUP,
    GROUP_HELP,
    LOW_HELP,
    MARGIN_HELP,
    POLICY,
    POLICY_HELP,
    N,
    item_writes,
    sku_argument,
)
from ashop_stock_control.cli.telling import settings_of, tell
from ashop_stock_control.editing import KEEP, Edits, Keep
from ashop_stock_control.policies import Policy

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_NONE = "none"


@command(
    help=Text(
        "Ändra en artikels namn, grupp och villkor, flera på en gång. ”none” tar bort artikelns eget: "
        "då gäller gruppens eller butikens.",
        "Change an item's name, group and terms, several at once. “none” takes the item's own away: "
        "then its group's or the shop's applies.",
    ),
    epilog=Text(
        "Exempel:\n  ashop stock edit LAMPA-1 --group lampor --margin 2\n"
        '  ashop stock edit LAMPA-1 --policy "up_to(5)" --low none',
        "Examples:\n  ashop stock edit LAMP-1 --group lamps --margin 2\n"
        '  ashop stock edit LAMP-1 --policy "up_to(5)" --low none',
    ),
)
@sku_argument
@option("--name", help=Text("Nytt namn.", "New name."))
@option("--group", metavar=GROUP, help=GROUP_HELP)
@option("--policy", metavar=POLICY, help=POLICY_HELP)
@option("--margin", metavar=N, help=MARGIN_HELP)
@option("--low", metavar=N, help=LOW_HELP)
@option(
    "--pin/--no-pin",
    default=None,
    help=Text(
        "Lås lagerstatusen för lagerreglerna, eller lås upp den: då gäller de genast.",
        "Pin the stock status against the stock rules, or unpin it: they then apply at once.",
    ),
)
@item_writes
def edit(
    shop: Shop,
    sku: str,
    name: str | None,
    group: str | None,
    policy: str | None,
    margin: str | None,
    low: str | None,
    pin: bool | None,
    note: str,
    dry_run: bool,
    form: str,
) -> None:
    """Change an item's name, group, terms or pin. none takes its own away: then its group's or the shop's applies."""
    edits = Edits(
        name=KEEP if name is None else name,
        group=KEEP if group is None else "" if group == NO_GROUP else group,
        policy=KEEP if policy is None else None if policy == _NONE else Policy.parse(policy),
        margin=_number("--margin", margin),
        low=_number("--low", low),
        pinned=KEEP if pin is None else pin,
    )
    if edits == Edits():
        usage_error(
            Text(
                "Säg vad som ska ändras: --name, --group, --policy, --margin, --low eller --pin/--no-pin.",
                "Say what to change: --name, --group, --policy, --margin, --low or --pin/--no-pin.",
            )
        )
    outcome = stock.edit_item(shop, sku, edits, note=note, dry_run=dry_run)
    tell(shop, outcome, dry_run, form)
    hint_group(shop, None if group == NO_GROUP else group)


def hint_group(shop: Shop, group: str | None) -> None:
    """Tell a person that no settings name a group, in case it was misspelt."""
    settings = settings_of(shop)
    known = {*settings.groups, *(code for rule in settings.all_rules for code in rule.groups)}
    if not group or group.strip() in known:
        return
    close = get_close_matches(group, known, 1)
    hint = Text(" Menade du {g}?", " Did you mean {g}?").fill(g=close[0]) if close else same("")
    words = Text(
        "Inga inställningar nämner gruppen {group}: den samlar artiklar, men ändrar inget.{hint}",
        "No settings name the group {group}: it gathers items, but changes nothing.{hint}",
    )
    tell_note(words.fill(group=group.strip(), hint=hint))


def _number(option: str, text: str | None) -> int | Keep | None:
    if text is None:
        return KEEP
    if text == _NONE:
        return None
    try:
        return int(text)
    except ValueError:
        raise InvalidInput(
            Text(
                "{option} {text} går inte: skriv ett heltal, eller none",
                "{option} {text} will not do: write a whole number, or none",
            ).fill(option=option, text=text[:40])
        ) from None

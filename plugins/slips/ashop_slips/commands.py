"""`ashop order slip`: packing slips, or a pick list over many orders, as an HTML file for print."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path

import click

from ashop_core.cli.app import argument, command, option, usage_error, with_shop
from ashop_core.cli.errors import show_error
from ashop_core.cli.language import language
from ashop_core.cli.order_filter import Wanted, filter_options
from ashop_core.cli.output import note
from ashop_core.errors import AshopError, InvalidInput, NotFound, Refused
from ashop_core.files import write_atomically
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_slips import picking
from ashop_slips.slip import Slip, make_slip

_EPILOG = Text(
    "Exempel:\n"
    "  ashop order slip 100234 --open\n"
    "  ashop order slip --status granskad -o packsedlar.html\n"
    "  ashop order slip --status granskad --pick-list -o plocklista.html",
    "Examples:\n"
    "  ashop order slip 100234 --open\n"
    "  ashop order slip --status reviewed -o slips.html\n"
    "  ashop order slip --status reviewed --pick-list -o picks.html",
)


@command(epilog=_EPILOG)
@argument("orders", nargs=-1, metavar=Text("ORDER", "ORDER"))
@filter_options
@option(
    "--pick-list",
    is_flag=True,
    help=Text("En plocklista över alla ordrarna.", "One pick list of all the orders."),
)
@option(
    "--parcel",
    type=click.IntRange(min=1),
    help=Text("Ett kolli som redan har skickats, räknat från 1.", "A parcel already sent, counted from 1."),
)
@option("--prices", is_flag=True, help=Text("Med priser.", "With prices."))
@option(
    "--internal",
    is_flag=True,
    help=Text(
        "Med personalens anteckningar; inte för kunden.", "With the staff's notes; not for the customer."
    ),
)
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar=Text("FIL", "FILE"),
    help=Text("Skriv till en fil i stället för standard ut.", "Write a file instead of standard output."),
)
@option("--open", "show", is_flag=True, help=Text("Öppna i webbläsaren.", "Open it in the browser."))
@with_shop
def slip(
    shop: Shop, orders: tuple[str, ...], wanted: Wanted, pick_list: bool, parcel: int | None, prices: bool,
    internal: bool, output: Path | None, show: bool,
) -> None:  # fmt: skip
    """Write a packing slip for each order, or one pick list, to be printed on A4. Only what is held is packed."""
    if bool(orders) == (not wanted.empty):
        usage_error(Text("ange antingen ordrar eller ett filter", "give either orders or a filter"))
    if pick_list and (parcel or prices or internal):
        usage_error(
            Text(
                "en plocklista har varken kollin, priser eller anteckningar",
                "a pick list has neither parcels, prices nor notes",
            )
        )
    names = list(dict.fromkeys(orders)) or _found(shop, wanted)
    if pick_list:
        _deliver(_pick_page(shop, names), output, show)
        return
    slips, failed = _slips(shop, names, parcel, internal)
    if slips:
        from ashop_slips.page import slips_page

        _deliver(slips_page(slips, prices=prices), output, show)
    for error in failed if orders else ():
        show_error(error)
    if failed and not orders:
        note(_LEFT_OUT.fill(n=len(failed)))
    if not slips or (failed and orders):
        note(_NONE if not slips else _SOME)
        click.get_current_context().exit(1)


_LEFT_OUT = Text(
    "Ordrar utan något att packa, som inte är med: {n}", "Orders with nothing to pack, left out: {n}"
)
_NONE = Text("Inga packsedlar skrevs.", "No packing slips were written.")
_SOME = Text("De andra packsedlarna skrevs.", "The other packing slips were written.")


def _found(shop: Shop, wanted: Wanted) -> list[str]:
    """Return the orders of a filter, those that have waited longest first."""
    return [row.reference for row in shop.every_order(wanted.filter(shop))][::-1]


def _slips(
    shop: Shop, names: list[str], parcel: int | None, internal: bool
) -> tuple[list[Slip], list[AshopError]]:
    """Return the slips there are, and why the other orders have none."""
    slips: list[Slip] = []
    failed: list[AshopError] = []
    for name in names:
        try:
            slips.append(make_slip(shop, name, parcel=parcel, internal=internal))
        except (Refused, NotFound) as error:
            failed.append(error)
    return slips, failed


def _pick_page(shop: Shop, names: list[str]) -> str:
    from ashop_slips.page import pick_page

    orders = [order for order in map(shop.order, names) if any(line.held for line in order.lines)]
    if not orders:
        raise InvalidInput(
            Text(
                "inget att plocka: inget hålls för de ordrarna",
                "nothing to pick: nothing is held for those orders",
            )
        )
    settings = shop.settings.shop
    return pick_page(
        settings.name, picking.pick_list(orders), len(orders), shop.clock(), settings.timezone, language()
    )


def _deliver(html: str, output: Path | None, show: bool) -> None:
    """Write the page where it is wanted: a file, a file for the browser, or standard output."""
    data = html.encode()
    if output is None and not show:
        click.echo(data, nl=False)
        return
    path = output if output else _new_file()
    try:
        write_atomically(path, data)
    except OSError as error:
        raise InvalidInput(
            Text("{path} kan inte skrivas: {why}", "{path} cannot be written: {why}").fill(
                path=path, why=error.strerror
            )
        ) from error
    note(Text("Skrivet: {path}", "Written: {path}").fill(path=path))
    if show and not webbrowser.open(path.absolute().as_uri()):
        note(
            Text(
                "Ingen webbläsare hittades: öppna filen själv.",
                "No browser was found: open the file yourself.",
            )
        )


def _new_file() -> Path:
    """Return the name of a new file that only its owner may read: it holds customers' addresses."""
    return Path(tempfile.mkdtemp(prefix="ashop-")) / "slip.html"

"""`ashop stock simulate`: the last orders judged anew under other settings, as a table, as JSON and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import command, language, option, with_shop
from ashop_core.cli.output import JSON, json_option, note, progress, write_json
from ashop_core.errors import AshopError
from ashop_core.texts import Text
from ashop_stock_control.cli.simulate_options import trial_of, wanted_of, wishes
from ashop_stock_control.cli.simulate_telling import tell
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.simulating.document import document_of
from ashop_stock_control.simulating.rows import rows_of, watched_of
from ashop_stock_control.simulating.simulation import Simulation, simulate_orders

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.simulating.trials import Trial
    from ashop_stock_control.simulating.window import Wanted


@command(
    help=Text(
        "Pröva butikens senaste ordrar på nytt under en annan policy, marginal, lagerregel eller insticksmodul, och jämför "
        "med det som gäller nu. Ingenting ändras. Artiklar och grupper med egen policy eller marginal behåller den.",
        "Judge the shop's last orders anew under another policy, margin, stock rule or plugin, and compare with what "
        "applies now. Nothing is changed. Items and groups with a policy or margin of their own keep it.",
    ),
    epilog=Text(
        "Exempel:\n  ashop stock simulate --policy strict\n"
        "  ashop stock simulate --falls-to 0 --from lagervara --to slut --back-at 3 --no-rules --since 2026-09-01\n"
        "  ashop stock simulate --plugin strict_stock --picture prov.svg",
        "Examples:\n  ashop stock simulate --policy strict\n"
        "  ashop stock simulate --falls-to 0 --from in_stock --to sold_out --back-at 3 --no-rules --since 2026-09-01\n"
        "  ashop stock simulate --plugin strict_stock --picture trial.svg",
    ),
)
@wishes
@option("--all", "every", is_flag=True, help=Text("Alla artiklar.", "All items."))
@option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=Text("FIL.svg", "FILE.svg"),
    help=Text("Rita också en bild.", "Draw a picture as well."),
)
@json_option
@with_shop
def simulate(
    shop: Shop, every: bool, picture: Path | None, form: str, start: int | None, **others: Any
) -> None:
    wanted = wanted_of(shop, others.pop("orders"), others.pop("since"), others.pop("until"))
    trial = trial_of(shop, **others)
    found = _simulated(shop, trial, wanted, start, picture is not None)
    if picture is not None:
        _draw(shop, found, picture)
    if form == JSON:
        write_json(document_of(found))
        return
    tell(shop, found, every)
    if picture is not None:
        note(Text("Bilden: {path}", "The picture: {path}").fill(path=picture))


def _simulated(shop: Shop, trial: Trial, wanted: Wanted, start: int | None, drawn: bool) -> Simulation:
    from ashop_stock_control.simulating.picture import ITEMS

    with progress(Text("Prövar ordrar", "Judging orders"), None) as advance:
        found = simulate_orders(shop, trial, wanted, start=start, advance=advance)
        if drawn:  # only now is it known which items are the worst: once more, with their balances kept
            watched = watched_of(rows_of(found), ITEMS)
            found = simulate_orders(shop, trial, wanted, start=start, watched=watched, advance=advance)
    return found


def _draw(shop: Shop, found: Simulation, path: Path) -> None:
    from ashop_stock_control.simulating.picture import svg

    drawn = svg(found, settings_of(shop), language(), found.days)
    try:
        path.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise AshopError(
            Text("{path} kan inte skrivas: {why}", "{path} cannot be written: {why}").fill(
                path=path, why=error.strerror
            )
        ) from error

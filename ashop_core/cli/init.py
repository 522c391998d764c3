"""`ashop init DIR`: a new shop's folder, its settings commented in the shop's language."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from ashop_core.cli.app import argument, command, option
from ashop_core.cli.language import language, say
from ashop_core.cli.output import note
from ashop_core.cli.session import FILE
from ashop_core.errors import AshopError, InvalidInput
from ashop_core.files import write_atomically
from ashop_core.texts import Text

_TEMPLATE = Text(
    """\
# Butikens inställningar. `ashop settings check` granskar dem, `ashop settings show` visar vad som gäller.

[shop]
name = {name}
language = "sv"                   # eller "en"
currency = "SEK"
timezone = "Europe/Stockholm"
database = "shop.db"
# first_order_number = 100001
# deliver_at_once = true          # false: meddelanden går först när `ashop work` kör
# abandon_after_hours = 24        # så länge får en påbörjad kassa stå orörd
# message_days = 7                # äldre meddelanden skickas inte längre

[plugins]
enabled = {enabled}
# `ashop plugin list` visar vilka fler som finns. Egna regler i plugins/min_regel.py slås på med "local:min_regel".

# [delivery.post]
# label = {{ sv = "Posten", en = "Post" }}
# price = 4900                    # öre, med moms
# parcel_number = "asked"         # eller "required", "none"

# [delivery.pickup]
# place = {{ sv = "Storgatan 1, vardagar 9–18", en = "Storgatan 1, weekdays 9 to 6" }}

# [payment.invoice]
# needs_approval = true           # personalen godkänner innan något skickas

# [statuses.shipped]
# notify = ["email", "sms"]       # vad kunden får när en order får statusen

# [[statuses.received.messages]]  # ett meddelande till: till personalen, senare eller bara för vissa ordrar
# channels = ["email"]
# audience = "staff"              # utan raden går det till kunden, i stället för enligt notify
# to = ["order@example.se"]
# delay = "2d"                    # skickas om ordern är kvar i statusen då
# delivery = ["post"]
""",
    """\
# The shop's settings. `ashop settings check` checks them, `ashop settings show` shows what holds.

[shop]
name = {name}
language = "en"                   # or "sv"
currency = "SEK"
timezone = "Europe/Stockholm"
database = "shop.db"
# first_order_number = 100001
# deliver_at_once = true          # false: messages leave only when `ashop work` runs
# abandon_after_hours = 24        # how long a begun checkout may lie untouched
# message_days = 7                # older messages are not sent any more

[plugins]
enabled = {enabled}
# `ashop plugin list` shows which more there are. Rules of your own in plugins/my_rule.py: "local:my_rule".

# [delivery.post]
# label = {{ sv = "Posten", en = "Post" }}
# price = 4900                    # minor units, incl. VAT
# parcel_number = "asked"         # or "required", "none"

# [delivery.pickup]
# place = {{ sv = "Storgatan 1, vardagar 9–18", en = "Storgatan 1, weekdays 9 to 6" }}

# [payment.invoice]
# needs_approval = true           # staff approve before anything is sent

# [statuses.shipped]
# notify = ["email", "sms"]       # what the customer is sent when an order enters the status

# [[statuses.received.messages]]  # one more message: to staff, later, or only for some orders
# channels = ["email"]
# audience = "staff"              # without this line it goes to the customer, in place of what notify says
# to = ["order@example.se"]
# delay = "2d"                    # leaves if the order is still in the status then
# delivery = ["post"]
""",
)


@command(anyhow=True)
@argument("folder", metavar=Text("MAPP", "DIR"), type=click.Path(file_okay=False, path_type=Path))
@option("--name", help=Text("Butikens namn; annars mappens.", "The shop's name; otherwise the folder's."))
def init(folder: Path, name: str | None) -> None:
    """Make a shop: settings with the installed plugins switched on, and folders for mail and own plugins.

    Left off are those that say ``switched_on_at_init = False``: they would change what the shop sells out of the box.
    """
    if (folder / FILE).exists():
        raise InvalidInput(
            Text(
                "{f} finns redan. Välj en annan mapp, eller ändra i filen.",
                "{f} exists already. Choose another folder, or edit the file.",
            ).fill(f=folder / FILE)
        )
    plugins, samples = _installed()
    text = say(_TEMPLATE).format(
        name=json.dumps(name or folder.resolve().name, ensure_ascii=False), enabled=json.dumps(plugins)
    )
    try:
        for inner in ("outbox", "plugins"):
            (folder / inner).mkdir(parents=True, exist_ok=True)
        write_atomically(folder / FILE, "\n".join([text, *samples]).encode())
    except OSError as error:
        raise AshopError(
            Text("{f} kan inte skapas: {why}", "{f} cannot be made: {why}").fill(f=folder, why=error.strerror)
        ) from error
    click.echo(say(Text("{f} är klar.", "{f} is ready.").fill(f=folder / FILE)))
    note(Text("Sedan: cd {f} && ashop doctor", "Then: cd {f} && ashop doctor").fill(f=folder))


def _installed() -> tuple[list[str], list[str]]:
    """Return the plugins that a new shop has, by name, and the sample settings that some of them carry."""
    from importlib.metadata import entry_points

    names, samples = [], []
    for point in sorted(entry_points(group="ashop")):
        try:
            module = import_module(point.module)
        except Exception as error:  # a plugin's code: what cannot be imported is left out, and said
            left_out = Text("{n} är inte på: {e}", "{n} is left out: {e}")
            note(left_out.fill(n=point.name, e=f"{type(error).__name__}: {error}"))
            continue
        if not getattr(module, "switched_on_at_init", True):
            continue
        names.append(point.name)
        sample = getattr(module, "SAMPLE_SETTINGS", None)
        if isinstance(sample, Text):
            sample = sample.to(language())
        if isinstance(sample, str):
            samples.append(sample.strip() + "\n")
    return names, samples

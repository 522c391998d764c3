"""The `ashop.toml` of the demo shops, as somebody who reads it would want to find it."""

from __future__ import annotations

from ashop_core.texts import Text

_SHOP = """\
# {about}

[shop]
name = "{name}"
language = "{language}"
currency = "{currency}"
timezone = "{timezone}"
"""

_VILLA = """\
customer_url = "https://villavarme.example"

[plugins]
enabled = [
    "stock_control", "email", "sms", "installation_booking", "order_import", "carriers", "slips", "payments",
]

# {delivery}
[delivery.post]
label = {{ sv = "Posten", en = "Post" }}
price = 5900
parcel_number = "asked"

[delivery.pickup]
label = {{ sv = "Hämtas i butik", en = "Pick up in store" }}
price = 0
place = {{ sv = "Storgatan 1, Falun, vardagar 9–18", en = "Storgatan 1, Falun, weekdays 9 to 6" }}

[delivery.installation]
label = {{ sv = "Leverans med installation", en = "Delivery with installation" }}
price = 149500

[payment.card]
label = {{ sv = "Kort", en = "Card" }}
pays_first = true

[payment.invoice]
label = {{ sv = "Faktura", en = "Invoice" }}
needs_approval = true
due_days = 20

# {notify}
[statuses.received]
notify = ["email"]

[statuses.shipped]
notify = ["email", "sms"]

# {staff}
[[statuses.delivery_booked.messages]]
channels = ["email"]
audience = "staff"
to = ["montor@villavarme.example"]

[plugins.email]
sender = "order@villavarme.example"
sender_name = "Villa & Värme"

[plugins.sms]
sender = "VillaVarme"

[plugins.carriers]
default = "postnord"

# {low}
[plugins.stock_control]
low = 2

# {rules}
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 0
from = ["in_stock"]
to = "on_order"
back_at = 1
skus = ["LV-GRANIT-9", "FTX-VADRA"]

[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 0
from = ["in_stock"]
to = "sold_out"
back_at = 1
"""

_REPLAY = """
[plugins]
enabled = ["stock_control", "email", "sms", "order_import"]

# {address}
[delivery.post]
needs_address = false
"""

_ABOUT = Text(
    "En påhittad butik, gjord av `ashop demo`. Ändra vad du vill och se vad som händer.",
    "An invented shop, made by `ashop demo`. Change what you like and see what happens.",
)
_DELIVERY = Text("Priser i ören, inklusive moms.", "Prices in minor units (öre), VAT included.")
_NOTIFY = Text(
    "Vilken status som skickar vad till kunden. Utan e-postserver blir mejlen filer i outbox/.",
    "Which status sends the customer what. Without a mail server the messages become files in outbox/.",
)
_STAFF = Text(
    "Montörerna får också veta när en leverans är bokad.",
    "The fitters are told as well when a delivery is booked.",
)
_RULES = Text(
    "Lagerregler: vad som händer när saldot passerar en gräns. Den första som passar vinner.",
    "Stock rules: what happens when the balance crosses a threshold. The first that fits wins.",
)
_LOW = Text(
    "Personalen varnas när så få är kvar att sälja: ashop stock alerts.",
    "Staff are warned when so few are left to sell: ashop stock alerts.",
)
_ADDRESS = Text("Filer med ordrar saknar ofta adresser.", "Files of orders often have no addresses.")


def villa_toml(language: str) -> str:
    """Return the settings of Villa & Värme."""
    head = _head("Villa & Värme", language, "SEK", "Europe/Stockholm")
    words = {"delivery": _DELIVERY, "notify": _NOTIFY, "staff": _STAFF, "low": _LOW, "rules": _RULES}
    return head + _VILLA.format(**{key: text.to(language) for key, text in words.items()})


def replay_toml(name: str, language: str, currency: str, timezone: str) -> str:
    """Return the settings of a shop that replays a file of orders."""
    return _head(name, language, currency, timezone) + _REPLAY.format(address=_ADDRESS.to(language))


def _head(name: str, language: str, currency: str, timezone: str) -> str:
    return _SHOP.format(
        about=_ABOUT.to(language), name=name, language=language, currency=currency, timezone=timezone
    )

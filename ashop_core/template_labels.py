"""The words around every message, in both languages: templates reach them as ``label.total``."""

from __future__ import annotations

from typing import Final

from ashop_core.texts import Text

LABELS: Final = {
    "order": Text("Ordernummer", "Order number"),
    "status": Text("Status", "Status"),
    "placed": Text("Beställd", "Ordered"),
    "delivery": Text("Leveranssätt", "Delivery"),
    "payment": Text("Betalsätt", "Payment"),
    "place": Text("Hämtas här", "Collect it here"),
    "booked": Text("Bokad tid", "Booked time"),
    "deadline": Text("Sista dag", "Last day"),
    "parcel": Text("Kollinummer", "Parcel number"),
    "follow": Text("Följ paketet", "Follow the parcel"),
    "in_parcel": Text("I det här paketet", "In this parcel"),
    "to_come": Text("Återstår att skicka", "Still to come"),
    "address": Text("Namn och adress", "Name and address"),
    "contents": Text("Din beställning", "Your order"),
    "item": Text("Vara", "Item"),
    "quantity": Text("Antal", "Quantity"),
    "unit_price": Text("Pris", "Price"),
    "amount": Text("Belopp", "Amount"),
    "each": Text("per styck", "each"),
    "reduced": Text("rabatt", "discount"),
    "shipping": Text("Frakt", "Shipping"),
    "fee": Text("Avgift för betalsättet", "Payment fee"),
    "discount": Text("Rabatt", "Discount"),
    "total": Text("Summa inkl. moms", "Total incl. VAT"),
    "vat": Text("varav moms", "of which VAT"),
    "paid": Text("Betalt", "Paid"),
    "refunded": Text("Återbetalt", "Refunded"),
    "left_to_pay": Text("Kvar att betala", "Left to pay"),
    "payment_due": Text("Betala senast", "Pay by"),
    "words": Text("Meddelande från {shop}", "A message from {shop}"),
    "questions": Text(
        "Har du frågor? Kontakta {shop} och uppge ordernummer {number}.",
        "Any questions? Contact {shop} and mention order number {number}.",
    ),
    "reference": Text("Referens", "Reference"),
    "customer": Text("Kund", "Customer"),
    "email": Text("E-post", "E-mail"),
    "phone": Text("Telefon", "Phone"),
    "actor": Text("Gjort av", "Done by"),
    "note": Text("Notering", "Note"),
    "flags": Text("Att se till", "To see to"),
    "goods": Text("Varor", "Goods"),
    "to_customer": Text("Till kunden", "To the customer"),
}
"""``{shop}`` and ``{number}`` are filled in. The last nine are for messages to staff."""

"""`[plugins.order_import]`: what another shop's statuses, delivery and payment methods are called here."""

from __future__ import annotations

from dataclasses import dataclass, field

POSTAGE = ("POST", "DOT", "C2")
"""The codes under which Online Retail charges postage and carriage."""


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """How orders from elsewhere are read; every name is compared without regard to case.

    `statuses`, `delivery` and `payment` are tables from the other shop's names to codes of this one.
    `postage` are the article codes whose rows are the order's shipping.
    """

    default_delivery: str = "post"
    default_payment: str = "invoice"
    postage: tuple[str, ...] = POSTAGE
    statuses: dict[str, str] = field(default_factory=dict)
    delivery: dict[str, str] = field(default_factory=dict)
    payment: dict[str, str] = field(default_factory=dict)

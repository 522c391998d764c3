"""The tables of stock control, described as data, and the numbered steps that made them."""

from __future__ import annotations

from ashop_core.tables import Index, Migration, Table, integer, text

ITEMS = Table(
    name="stock_items",
    columns=(
        text("sku"),
        text("name"),
        text("status"),
        integer("tracked", default=0),
        integer("on_hand", default=0),
        integer("held", default=0),
        text("item_group", default=""),
        # The item's own terms, where they differ from its group's and the shop's. The policy is the number of pieces
        # that may be sold below the margin: 0 strict, `policies.UNLIMITED` open.
        integer("oversell", null=True),
        integer("margin", null=True),
        integer("low", null=True),
        # 1: rules leave the stock status alone. `by_hand` 1: a person set it, and no rule has fired since.
        integer("pinned", default=0),
        integer("by_hand", default=0),
        text("counted_at", null=True),
        # SKU and name in lower case, since lower() of SQLite knows no å, ä or ö
        text("search"),
    ),
    key=("sku",),
    # No check that held is at least 0: a release is never refused. `ashop doctor` tells of it.
    checks=(
        "tracked IN (0, 1)",
        "pinned IN (0, 1)",
        "by_hand IN (0, 1)",
        "tracked = 1 OR (on_hand = 0 AND held = 0)",
        "on_hand >= -1000000000000 AND on_hand <= 1000000000000",
        "held >= -1000000000000 AND held <= 1000000000000",
        "oversell IS NULL OR oversell >= 0",
        "margin IS NULL OR margin >= 0",
    ),
    indexes=(
        Index(name="stock_items_status", columns=("status", "sku")),
        Index(name="stock_items_group", columns=("item_group", "sku"), where="item_group <> ''"),
    ),
)

MOVEMENTS = Table(
    name="stock_movements",
    columns=(
        integer("id"),
        text("sku", references="stock_items.sku"),
        text("kind"),
        integer("d_on_hand"),
        integer("d_held"),
        # of a movement that an order caused: the order, its line and the number of its change
        integer("order_id", null=True, references="orders.id"),
        integer("position", null=True),
        integer("seq", null=True),
        # the take that this one ships, releases, takes back or undoes: what is left of a take is the sum of these
        integer("origin", null=True, references="stock_movements.id"),
        # what caused it, such as ``order:seq:position:kind``: the same cause can stand here only once
        text("cause", null=True),
        # of a movement that changed the stock status, and what did it: ``falls_to 0``, ``plugin strict_stock``, ``hand``;
        # where a balance did, the balance before and after all that moved with it
        text("status_before", null=True),
        text("status_after", null=True),
        text("why", default=""),
        integer("balance_before", null=True),
        integer("balance_after", null=True),
        # what a person changed of the item itself, as JSON: {"margin": [null, 2]}
        text("edited", default=""),
        text("at"),
        text("actor"),
        text("note", default=""),
    ),
    key=("id",),
    unique=(("cause",),),
    checks=(
        "kind IN ('receive', 'adjust', 'count', 'status', 'edit', 'rule', 'repair', 'take', 'ship', 'release', 'lapse', "
        "'take_back', 'unship', 'undo')",
    ),
    indexes=(
        Index(name="stock_movements_sku", columns=("sku", "id")),
        Index(name="stock_movements_status", columns=("sku", "id"), where="status_after IS NOT NULL"),
        Index(name="stock_movements_order", columns=("order_id", "id"), where="order_id IS NOT NULL"),
    ),
    append_only=True,
    erasable=("actor", "note"),
)

CHECKOUT_HOLDS = Table(
    name="stock_checkout_holds",
    columns=(
        integer("order_id", references="orders.id"),
        text("sku"),
        text("expires_at"),
        # 1: the time ran out and the goods were released; the order's lines say held until the order moves on
        integer("lapsed", default=0),
    ),
    key=("order_id", "sku"),
    checks=("lapsed IN (0, 1)",),
    indexes=(Index(name="stock_checkout_holds_due", columns=("sku", "expires_at"), where="lapsed = 0"),),
)

ALERTS = Table(
    name="stock_alerts",
    columns=(
        integer("id"),
        text("sku", references="stock_items.sku"),
        text("kind"),
        integer("balance"),
        text("opened_at"),
        # the order whose goods opened it, if it was one
        integer("order_id", null=True, references="orders.id"),
        text("closed_at", null=True),
    ),
    key=("id",),
    checks=("kind IN ('low', 'oversold')",),
    indexes=(
        Index(name="stock_alerts_open", columns=("sku", "kind"), unique=True, where="closed_at IS NULL"),
        Index(name="stock_alerts_newest", columns=("id",), where="closed_at IS NULL"),
    ),
)

MIGRATIONS: tuple[Migration, ...] = (
    Migration(name="m001_items_and_movements", create=(ITEMS, MOVEMENTS, CHECKOUT_HOLDS, ALERTS)),
)

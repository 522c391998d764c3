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
        # SKU and name in lower case, since lower() of SQLite knows no å, ä or ö
        text("search"),
    ),
    key=("sku",),
    # No check that held is at least 0: a release is never refused. `ashop doctor` tells of it.
    checks=(
        "tracked IN (0, 1)",
        "tracked = 1 OR (on_hand = 0 AND held = 0)",
        "on_hand >= -1000000000000 AND on_hand <= 1000000000000",
        "held >= -1000000000000 AND held <= 1000000000000",
    ),
    indexes=(Index(name="stock_items_status", columns=("status", "sku")),),
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
        # what caused it, such as ``order:seq:position:kind``: the same cause can stand here only once
        text("cause", null=True),
        # of a movement that changed the stock status, by a rule or by hand
        text("status_before", null=True),
        text("status_after", null=True),
        text("at"),
        text("actor"),
        text("note", default=""),
    ),
    key=("id",),
    unique=(("cause",),),
    checks=(
        "kind IN ('receive', 'adjust', 'count', 'status', 'take', 'ship', 'release', 'take_back', 'unship', 'undo')",
    ),
    indexes=(Index(name="stock_movements_sku", columns=("sku", "id")),),
    append_only=True,
    erasable=("actor", "note"),
)

MIGRATIONS: tuple[Migration, ...] = (Migration(name="m001_items_and_movements", create=(ITEMS, MOVEMENTS)),)

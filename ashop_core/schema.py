"""The core's tables, described as data, and the numbered steps that made them."""

from __future__ import annotations

from ashop_core.tables import Index, Migration, Search, Table, integer, text

OWED = "payment_due IS NOT NULL AND left_to_pay > 0"
"""Which orders are still to be paid by some day: few, however many were."""
OWED_ANY_DAY = "placed_at IS NOT NULL AND payment_due IS NULL AND left_to_pay > 0"
"""Which placed orders are still to be paid, without a day."""

ORDERS = Table(
    name="orders",
    columns=(
        integer("id"),
        text("reference"),
        integer("number", null=True),
        integer("version"),
        text("status"),
        text("delivery"),
        text("payment_method"),
        text("language"),
        text("currency"),
        text("created_at"),
        text("changed_at"),
        text("status_since"),
        text("placed_at", null=True),
        # placed_at once there is one, created_at before: the one key that every list is sorted by
        text("listed_at"),
        text("customer_name", default=""),
        text("customer_email", default=""),
        text("customer_phone", default=""),
        text("street", default=""),
        text("postal_code", default=""),
        text("city", default=""),
        text("country", default=""),
        # the words of a text search, see words.py
        text("search", default=""),
        # of customer and phone, as one person is known again: lower case, and the last nine digits
        text("email_key", default=""),
        text("phone_key", default=""),
        integer("total"),
        integer("shipping_price", default=0),
        integer("payment_fee", default=0),
        integer("discount", default=0),
        text("fields", default="{}"),
        text("flags", default=""),
        integer("authorised", default=0),
        integer("paid", default=0),
        integer("refunded", default=0),
        text("payment", default="unpaid"),
        integer("left_to_pay", default=0),
        text("approved_at", null=True),
        text("approved_by", null=True),
        integer("parcel_count", default=0),
        text("parcel_numbers", default=""),
        integer("moves_stock", default=1),
        # days, not instants: the last one for the customer to act on the status, and to pay
        text("deadline", null=True),
        text("payment_due", null=True),
        text("follow_up", default=""),
        text("checkout_key", null=True),
        text("checkout_body", null=True),
        text("source", null=True),
        text("external_id", null=True),
    ),
    key=("id",),
    unique=(("reference",), ("number",), ("checkout_key",), ("source", "external_id")),
    checks=(
        "version >= 1",
        "total >= 0 AND total <= 1000000000000",
        "authorised >= 0 AND paid >= 0 AND refunded >= 0 AND refunded <= paid",
        "(number IS NULL) = (placed_at IS NULL)",
    ),
    indexes=(
        Index(name="orders_listed", columns=("listed_at", "id")),
        Index(name="orders_placed", columns=("placed_at", "id"), where="placed_at IS NOT NULL"),
        Index(name="orders_status", columns=("status", "listed_at", "id")),
        Index(name="orders_flagged", columns=("listed_at", "id"), where="flags <> ''"),
        Index(name="orders_deadline", columns=("deadline", "id"), where="deadline IS NOT NULL"),
        Index(name="orders_due", columns=("payment_due", "id"), where=OWED),
        Index(name="orders_owed", columns=("id",), where=OWED_ANY_DAY),
        Index(name="orders_email", columns=("email_key", "listed_at", "id"), where="email_key <> ''"),
        Index(name="orders_phone", columns=("phone_key", "listed_at", "id"), where="phone_key <> ''"),
    ),
    search=Search(words="search", time="listed_at"),
)

ORDER_LINES = Table(
    name="order_lines",
    columns=(
        integer("order_id", references="orders.id"),
        integer("position"),
        text("sku"),
        text("name"),
        integer("quantity"),
        integer("unit_price"),
        # hundredths of a per cent, 2500 for 25 %, null where it is not known
        integer("vat_rate", null=True),
        integer("held", default=0),
        integer("gone", default=0),
        integer("discount", default=0),
        integer("returned", default=0),
        integer("written_off", default=0),
    ),
    key=("order_id", "position"),
    checks=(
        "quantity >= 1 AND quantity <= 1000000",
        "unit_price >= 0 AND unit_price <= 1000000000000",
        "held >= 0 AND gone >= 0 AND held + gone <= quantity",
        "discount >= 0 AND discount <= quantity * unit_price",
        "written_off >= 0 AND written_off <= gone AND returned >= written_off AND returned <= quantity",
    ),
)

HISTORY = Table(
    name="history",
    columns=(
        integer("order_id", references="orders.id"),
        integer("seq"),
        text("kind"),
        text("from_status", null=True),
        text("to_status"),
        text("at"),
        text("actor"),
        text("note", default=""),
        # JSON: fields, reason, words, moves, parcel, edits, returned, undoes, effects with their plugin
        text("details", default="{}"),
    ),
    key=("order_id", "seq"),
    append_only=True,
    erasable=("actor", "note", "details"),
)

PARCELS = Table(
    name="parcels",
    columns=(
        integer("order_id", references="orders.id"),
        integer("position"),
        integer("seq"),
        text("number", null=True),
        text("carrier", null=True),
        text("sent_at"),
        text("contents"),
    ),
    key=("order_id", "position"),
    indexes=(Index(name="parcels_number", columns=("number",), where="number IS NOT NULL"),),
)

PAYMENTS = Table(
    name="payments",
    columns=(
        integer("order_id", references="orders.id"),
        integer("seq"),
        text("kind"),
        integer("amount"),
        text("reference", default=""),
        text("at"),
    ),
    key=("order_id", "seq"),
    checks=("amount >= 0 AND amount <= 1000000000000",),
    append_only=True,
    erasable=("reference",),
)

OUTBOX = Table(
    name="outbox",
    columns=(
        integer("id"),
        # change, rule, channel and recipient: the same effect can stand here only once
        text("key"),
        integer("order_id", null=True, references="orders.id"),
        integer("seq", default=0),
        text("kind"),
        text("code"),
        text("audience", default="customer"),
        text("template", default=""),
        text("recipient", default=""),
        # what it stands in line with: the channel, and where the channel has them the recipient's domain
        text("lane", default=""),
        text("language", default=""),
        # the status that the order must still be in when a delayed message leaves
        text("only_in", default=""),
        text("payload", default="{}"),
        text("delivery", default="waiting"),
        # attempts that were begun, and those of them that count against the most there may be
        integer("attempts", default=0),
        integer("tries", default=0),
        text("created_at"),
        # when it was to leave, which its order in the queue goes by, and when it is tried next
        text("planned_at"),
        text("due_at"),
        text("expires_at"),
        text("lease", null=True),
        text("lease_until", null=True),
        text("message_id"),
        text("subject", null=True),
        text("body", null=True),
        text("html", null=True),
        text("sender", default=""),
        text("reply_to", default=""),
        text("done_at", null=True),
        text("receipt", default=""),
        text("error", default=""),
        # what the receiving side told later
        text("arrival", default=""),
        text("arrival_at", null=True),
        text("arrival_words", default=""),
        # of a message that is sent again: which one, and who asked for it
        integer("resends", null=True, references="outbox.id"),
        text("actor", default=""),
    ),
    key=("id",),
    unique=(("key",), ("message_id",)),
    checks=("delivery IN ('waiting', 'claimed', 'sent', 'dead', 'suppressed')", "kind IN ('message', 'job')"),
    indexes=(
        Index(
            name="outbox_due",
            columns=("due_at", "id", "lane", "code"),
            where="delivery IN ('waiting', 'claimed')",
        ),
        Index(name="outbox_order", columns=("order_id", "code", "id")),
        Index(name="outbox_dead", columns=("id",), where="delivery = 'dead'"),
        Index(name="outbox_failed", columns=("id",), where="arrival = 'failed'"),
        Index(name="outbox_too_old", columns=("id",), where="error = 'too_old'"),
        Index(name="outbox_resends", columns=("resends",), where="resends IS NOT NULL"),
    ),
)

OUTBOX_ATTEMPTS = Table(
    name="outbox_attempts",
    columns=(
        integer("outbox_id", references="outbox.id"),
        integer("number"),
        text("started_at"),
        text("ended_at", null=True),
        text("outcome", default="started"),
        text("words", default=""),
    ),
    key=("outbox_id", "number"),
)

LANES = Table(
    name="lanes",
    # channels ("email/") and domains of theirs ("email/example.com") that are down: nothing of them is tried for a while
    columns=(
        text("code"),
        text("since"),
        text("resume_at"),
        integer("failures", default=1),
        text("why", default=""),
    ),
    key=("code",),
)

TIMED_JOBS = Table(
    name="timed_jobs",
    columns=(text("code"), text("due_at"), text("ran_at", null=True), text("error", default="")),
    key=("code",),
)

HOOK_FAILURES = Table(
    name="hook_failures",
    columns=(
        integer("id"),
        integer("order_id", references="orders.id"),
        integer("seq"),
        text("plugin"),
        text("hook"),
        text("at"),
        text("error"),
    ),
    key=("id",),
    append_only=True,
    erasable=("error",),
)

REFUSALS = Table(
    name="refusals",
    columns=(
        integer("order_id", references="orders.id"),
        text("kind"),
        text("to_status"),
        # the reasons as JSON (code, plugin, words), and what tells them apart: the same again counts `times` up
        text("digest"),
        text("problems"),
        text("actor"),
        text("first_at"),
        text("last_at"),
        integer("times", default=1),
    ),
    key=("order_id", "kind", "to_status", "digest"),
)

HOLDS = Table(
    name="holds",
    # what must not go on before staff say so, such as the outbox of a restored backup
    columns=(text("code"), text("since"), text("reason")),
    key=("code",),
)

MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        name="m001_first_tables",
        create=(
            ORDERS,
            ORDER_LINES,
            HISTORY,
            PARCELS,
            PAYMENTS,
            OUTBOX,
            OUTBOX_ATTEMPTS,
            LANES,
            TIMED_JOBS,
            HOOK_FAILURES,
            REFUSALS,
            HOLDS,
        ),
    ),
)

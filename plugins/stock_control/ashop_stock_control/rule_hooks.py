"""The hooks that stock control brings for custom stock rules: each docstring is the contract.

A rule is a pure function of what it is given: it reads no database, no clock and no file. So it is safe under the
lock, and `ashop stock simulate` can replay it over the shop's own orders.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core import hookspec

if TYPE_CHECKING:
    from ashop_core.settings import Settings
    from ashop_stock_control.items import StockItem
    from ashop_stock_control.verdicts import StockQuestion, Verdict


@hookspec
def ashop_stock_check(question: StockQuestion, settings: Settings) -> Verdict | None:
    """Tell whether an order may have so many pieces of an item.

    Called for each item of which a change takes more, also of one that nobody counts: before the transaction, for the
    reasons, and again inside it with the item's row locked. An order has both answers against it, but only the second
    is for certain: others may buy in between. `question` is frozen; `settings` are the shop's, for
    ``settings.for_plugin(…)``. Be quick: everybody else waits.

    Returns `allow()`, `refuse(code, words, for_staff)` or None for no opinion. Refuse beats allow, allow beats the
    item's policy, and with no opinion the policy decides; all refusals are told. An item whose stock status cannot be
    bought is not asked about. An exception, an answer of another kind, or more than a second's work, refuses the
    change as a whole, and the plugin is named. An order that is paid already is placed whatever a rule says or does:
    it gets the flag `paid_short`, and its history tells why. Where rules look at earlier purchases, what a checkout
    holds is asked about again inside the transaction that changes its buyer, as if it were taken then.

    Example: ``if question.whole > 2: return refuse("two_each", Text("Högst två var", "At most two each"))``
    """


@hookspec
def ashop_stock_window(settings: Settings) -> timedelta | None:
    """Tell how far back the plugin's `ashop_stock_check` wants to know what the same customer bought of an item.

    Called whenever stock checks are about to be asked. Without it `question.bought` is empty, and costs nothing.
    `settings` are the shop's, for ``settings.for_plugin(…)``.

    Returns a timedelta longer than none, ``timedelta.max`` for ever, or None. If it raises, the change is refused
    and the plugin named.

    Example: ``return timedelta(days=30)``
    """


@hookspec
def ashop_stock_status(item: StockItem, before: int, after: int, settings: Settings) -> str | None:
    """Give the stock status that an item gets when its balance changes.

    Called inside the transaction whenever the balance of an item goes from `before` to `after`, but for one whose
    status is pinned. `item` has its new figures and still its old status; the safety margin is not taken off. Called
    as well with the same balance as `before` and `after`, when the rules have changed and all items are judged anew
    (`ashop stock rules apply`) or `ashop doctor` looks whether they agree.

    Returns the code of a stock status, its present one to leave it as it is, or None for no opinion: then the shop's
    rules decide. Where two plugins differ, the one later in the settings' list wins, and `ashop doctor` shows it. An
    exception, more than a second's work, or a code that is no stock status of the shop, rolls everything back, and
    the plugin is named; of an order that is paid already the shop's own rules decide then, and its history tells why.

    Give the way back too: the shop's rules take an item only from statuses that they name, and with no opinion it
    would keep the one that the plugin gave.

    Example: ``if item.group == "custom": return "in_stock" if after > 0 else "on_order"``
    """

"""Statements that run often go by an index: what they cost must not grow with what was done long ago."""

from typing import Any

import pytest

from ashop_core.leases import Wanted, claim
from ashop_core.testing import place_order


def plan(shop, sql, params):
    """Return how SQLite would run a statement, as one text."""
    with shop.database.write() as tx:
        connection = tx._connection  # a handle refuses EXPLAIN, as it should
        connection.set_authorizer(None)
        rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
    return "\n".join(row["detail"] for row in rows)


class Asked:
    """Stands in for a transaction and keeps the statement that it is asked for."""

    def rows(self, sql, params):
        self.sql, self.params = sql, params
        return []


def plan_of_a_claim(shop, wanted):
    asked: Any = Asked()
    claim(asked, shop.clock(), wanted)
    return plan(shop, asked.sql, asked.params)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(messages_only=True), Wanted(channel="email")])
def test_a_claim_reads_what_is_due_and_not_what_was_sent_nor_what_is_to_come(make_shop, wanted):
    steps = plan_of_a_claim(make_shop(), wanted)

    assert "SEARCH o USING INDEX outbox_due (due_at<?)" in steps


def test_a_claim_of_one_order_reads_what_that_order_has(make_shop):
    shop = make_shop()

    steps = plan_of_a_claim(shop, Wanted(order_id=place_order(shop).id))

    assert "SEARCH o USING INDEX outbox_order (order_id=?)" in steps
    assert "outbox_due" not in steps

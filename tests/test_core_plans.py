"""Statements that run often go by an index: what they cost must not grow with what was done long ago."""

from ashop_core import outbox


def plan(shop, sql, params):
    """Return how SQLite would run a statement, as one text."""
    with shop.database.write() as tx:
        connection = tx._connection  # a handle refuses EXPLAIN, as it should
        connection.set_authorizer(None)
        rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
    return "\n".join(row["detail"] for row in rows)


def test_a_claim_reads_what_is_due_and_not_what_was_sent(make_shop):
    shop = make_shop()
    params = {"now": "2026", "until": "2026", "lease": "x", "most": 20}

    assert "USING INDEX outbox_due" in plan(shop, outbox._CLAIM % "", params)


def test_a_claim_of_one_order_does_not_read_the_whole_outbox(make_shop):
    shop = make_shop()
    params = {"now": "2026", "until": "2026", "lease": "x", "most": 20, "order_id": 1}
    steps = plan(shop, outbox._CLAIM % "AND o.order_id = :order_id", params)

    assert "SCAN o\n" not in steps + "\n"

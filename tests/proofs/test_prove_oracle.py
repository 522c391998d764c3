"""A balance cannot be read from outside: every balance from 0 to 200, and every quantity from 1 to 200, asked for.

Every quantity in each of the policies; where something else refuses too, those around what may give it away.
"""

from __future__ import annotations

import pytest

from ashop_core.testing import MakeShop
from tests.proofs.conftest import Record
from tests.stock_oracle import SHOPS, answers, open_oracle

pytestmark = pytest.mark.prove

BALANCES = range(201)
QUANTITIES = range(1, 201)
POLICIES = ("open", "strict", "up to 5")
SOME_QUANTITIES = (*range(1, 9), *range(10, 201, 19), 200)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SHOPS)
def test_an_answer_tells_no_more_than_yes_or_no(make_shop: MakeShop, record: Record, name: str) -> None:
    shop, quantities = open_oracle(make_shop, name), QUANTITIES if name in POLICIES else SOME_QUANTITIES

    found = answers(shop, BALANCES, quantities)

    asked = len(BALANCES) * len(quantities)
    refused = sum(1 for _, accepted in found if not accepted)
    leaks = sum(len(told) > 1 for told in found.values())
    figure = f"{len(found)} kinds of answer, {refused} of them no"
    record("a balance from outside", name, asked, leaks, figure)
    assert leaks == 0
    assert (refused == 0) == (name == "open")

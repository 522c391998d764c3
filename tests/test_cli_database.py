"""`ashop database backup`: what was sold is in the copy, and nothing is ever overwritten."""

import pytest

from ashop_core.shop import Shop
from ashop_core.testing import place_order, write_shop


@pytest.fixture
def home(tmp_path):
    return write_shop(tmp_path / "shop")


def test_a_backup_opens_as_a_shop_with_every_order(ashop, home, tmp_path, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        copy = tmp_path / "copy" / "shop.db"
        write_shop(copy.parent)
        result = ashop("database", "backup", str(copy))

    with Shop.open(copy.parent, clock=clock) as restored:
        assert result.exit_code == 0
        assert restored.order(order).lines == order.lines
        assert restored.order(order).status == order.status


def test_a_backup_does_not_overwrite(ashop, home, tmp_path):
    target = tmp_path / "there.db"
    target.write_bytes(b"mine")

    result = ashop("database", "backup", str(target))

    assert result.exit_code == 1
    assert "there.db" in result.stderr
    assert target.read_bytes() == b"mine"

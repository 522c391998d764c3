"""The shop of a race: this shop's stock settings and custom rules in another folder, with the items to race for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.errors import InvalidInput
from ashop_core.shop import Shop
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.asking import CHECK_HOOK
from ashop_stock_control.judging import STATUS_HOOK

if TYPE_CHECKING:
    from ashop_stock_control.race.racing import SellOut

_OWN = "stock_control"
_LOCAL = "local:"


def rule_plugins(shop: Shop) -> tuple[str, ...]:
    """Return the names of the shop's enabled plugins that bring stock rules."""
    hooks = (CHECK_HOOK, STATUS_HOOK)
    return tuple(sorted({each.plugin for hook in hooks for each in shop.plugins.implementations(hook)}))


def make_shop(shop: Shop, wanted: SellOut, folder: Path, stocks: Mapping[str, int]) -> None:
    """Write the shop of a race into a folder, and put its items in stock."""
    folder.mkdir(parents=True, exist_ok=True)
    enabled = [_OWN, *_with_required(shop, wanted.plugins)]
    tables = {name: shop.settings.tables.get(name, {}) for name in enabled}
    tables[_OWN] = _overridden(tables[_OWN], wanted)
    document = {
        "shop": {
            key: getattr(shop.settings.shop, key) for key in ("name", "language", "currency", "timezone")
        },
        "plugins": {"enabled": enabled, **tables},
    }
    (folder / "ashop.toml").write_text(_document(document), encoding="utf-8")
    for name in enabled:
        if name.startswith(_LOCAL):
            _copy_local(shop.settings.folder, folder, name.removeprefix(_LOCAL))
    with Shop.open(folder, clock=shop.clock, synchronous="OFF") as made:
        _check_rules(made, wanted.plugins)
        for sku in stocks:
            stock.add_item(made, sku, sku, actor="race")
        with made.database.write() as tx:
            group = {"sku": wanted.sku, "code": wanted.group}
            tx.execute("UPDATE stock_items SET item_group = :code WHERE sku = :sku", group)
        for sku, pieces in stocks.items():
            stock.count(made, sku, pieces, actor="race")


def _check_rules(made: Shop, names: Iterable[str]) -> None:
    """Raise InvalidInput for a plugin that has no stock rule: a race would say nothing about it."""
    for name in names:
        if name not in rule_plugins(made):
            raise InvalidInput(
                Text(
                    "Insticksmodulen {name} har ingen lagerregel (ashop_stock_check eller ashop_stock_status).",
                    "The plugin {name} has no stock rule (ashop_stock_check or ashop_stock_status).",
                ).fill(name=name)
            )


def _with_required(shop: Shop, names: Iterable[str]) -> list[str]:
    """Return the plugins and those they build on, as far as this shop knows them."""
    requires = {info.name: info.requires for info in shop.plugins.infos}
    found: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in (_OWN, *found):
            found.append(name)
            waiting += requires.get(name, ())
    return sorted(found)


def _overridden(table: Mapping[str, Any], wanted: SellOut) -> dict[str, Any]:
    """Return the table of stock control with the policy and margin of the race, for the item's group too."""
    own = {"policy": wanted.policy, "margin": wanted.margin}
    own = {key: value for key, value in own.items() if value is not None}
    groups = {
        code: {key: value for key, value in group.items() if key not in own}
        for code, group in table.get("groups", {}).items()
    }
    return {**table, **own, "groups": groups}


def _copy_local(source: Path, target: Path, short: str) -> None:
    path = source / "plugins" / f"{short}.py"
    if path.is_file():  # opening the race's shop tells of one that is not there
        (target / "plugins").mkdir(exist_ok=True)
        shutil.copy(path, target / "plugins" / path.name)


def _document(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return settings as TOML: each key of a top table on its own line, everything below it inline."""
    return "".join(f"[{name}]\n{''.join(_lines(table))}\n" for name, table in tables.items())


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        yield f"{_quoted(key)} = {_toml(value)}\n"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_quoted(key)} = {_toml(inner)}' for key, inner in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else str(value.isoformat())


def _quoted(words: str) -> str:
    # What JSON writes in quotes, TOML reads; the one control character that JSON leaves alone it does not.
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")

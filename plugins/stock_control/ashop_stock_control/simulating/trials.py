"""What is tried in a simulation: other settings of stock control, other rules, plugins that are not enabled.

A trial is the change of the settings that somebody thinks of making, and nothing else: groups and items with a
policy or a margin of their own keep it, as they would.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.errors import InvalidInput, NotFound, SettingsError
from ashop_core.settings import Settings, parse_settings
from ashop_core.texts import Text, same
from ashop_stock_control.asking import CHECK_HOOK
from ashop_stock_control.checks import check_number
from ashop_stock_control.items import load_item
from ashop_stock_control.judging import STATUS_HOOK
from ashop_stock_control.policies import Policy
from ashop_stock_control.settings import MOST_KEPT, GroupTable, StockSettings
from ashop_stock_control.simulating.run import Way

if TYPE_CHECKING:
    from ashop_core.plugins import Plugins
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader
    from ashop_stock_control.items import StockItem
    from ashop_stock_control.rules import Rule

_GROUPS = "SELECT DISTINCT item_group FROM stock_items WHERE item_group <> '' ORDER BY item_group"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What to try beside the present settings; what is left out stays as it is.

    `policy` and `margin` are for the shop, or only for the items in `skus` and `groups`. `rule` comes in addition to
    the shop's rules; `no_rules` leaves those out. `plugins` are rule plugins in addition to the enabled ones;
    `no_plugins` leaves those out. `settings` is the path of a whole ``ashop.toml`` to begin with instead of the shop's.
    """

    policy: str | None = None
    margin: int | None = None
    rule: Rule | None = None
    no_rules: bool = False
    plugins: tuple[str, ...] = ()
    no_plugins: bool = False
    skus: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    settings: Path | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is tried."""
        return self == Trial()


def present_way(shop: Shop) -> Way:
    """Return the way in which the shop is run now."""
    return Way(settings=shop.settings.for_plugin(StockSettings), plugins=shop.plugins)


def tried_way(shop: Shop, reader: Reader, trial: Trial) -> Way:
    """Return the way that a trial means.

    Raises InvalidInput, NotFound, SettingsError or PluginError for what there is not, with the remedy.
    """
    _check(trial)
    plugins = _plugins(shop, trial)
    present = plugins.settings.for_plugin(StockSettings)
    skus = tuple(load_item(reader, sku).sku for sku in trial.skus)
    _check_groups(reader, trial, present)
    settings = _settings(trial, present, skus)
    known = {**plugins.settings.plugins, StockSettings: settings}
    return Way(
        settings=settings,
        plugins=replace(plugins, settings=plugins.settings.with_plugins(known)),
        change=_change(trial, skus),
        resettles=trial != Trial(policy=trial.policy, skus=trial.skus, groups=trial.groups),
    )


def _check(trial: Trial) -> None:
    if trial.policy is not None:
        Policy.parse(trial.policy)
    if trial.margin is not None:
        check_number(trial.margin, 0, MOST_KEPT)
    if (trial.skus or trial.groups) and trial.policy is None and trial.margin is None and trial.rule is None:
        raise InvalidInput(
            Text(
                "Säg vad som ska prövas för artiklarna: --policy, --margin eller en regel (--falls-to, --rises-to).",
                "Say what to try for these items: --policy, --margin or a rule (--falls-to, --rises-to).",
            )
        )


def _check_groups(reader: Reader, trial: Trial, settings: StockSettings) -> None:
    known = [*settings.groups, *(row["item_group"] for row in reader.rows(_GROUPS))] if trial.groups else []
    for group in trial.groups:
        if group not in known:
            raise NotFound(
                Text(
                    "Det finns ingen artikel i gruppen {g}. Grupper: {known}.",
                    "There is no item in the group {g}. Groups: {known}.",
                ).fill(g=group, known=", ".join(dict.fromkeys(known)) or "–")
            )


def _settings(trial: Trial, present: StockSettings, skus: tuple[str, ...]) -> StockSettings:
    """Return the settings of stock control with the trial in them; they check themselves."""
    changed: dict[str, Any] = {}
    terms: dict[str, Any] = {
        k: v for k, v in (("policy", trial.policy), ("margin", trial.margin)) if v is not None
    }
    if trial.groups and terms:
        tables = {group: present.groups.get(group, GroupTable()) for group in trial.groups}
        changed["groups"] = {**present.groups, **{g: replace(table, **terms) for g, table in tables.items()}}
    elif not (trial.skus or trial.groups):
        changed.update(terms)
    if trial.no_rules or trial.rule is not None:
        rules = () if trial.no_rules else present.all_rules
        if trial.rule is not None:
            rules = (*rules, replace(trial.rule, skus=skus, groups=trial.groups))
        changed["rules"] = rules
    return replace(present, **changed)


def _change(trial: Trial, skus: tuple[str, ...]) -> Callable[[StockItem], StockItem] | None:
    """Return what is different about the items that are named."""
    terms: dict[str, Any] = {}
    if trial.policy is not None:
        terms["policy"] = Policy.parse(trial.policy)
    if trial.margin is not None:
        terms["margin"] = trial.margin
    if not skus or not terms:
        return None
    return lambda item: replace(item, **terms) if item.sku in skus else item


# ── Plugins ──────────────────────────────────────────────────────────────────────────────────────


def _plugins(shop: Shop, trial: Trial) -> Plugins:
    """Return the shop's plugins with those that are tried, loaded apart from the shop's own."""
    if not (trial.plugins or trial.no_plugins or trial.settings):
        return shop.plugins
    settings = shop.settings if trial.settings is None else _read(shop, trial.settings)
    enabled = [n for n in settings.enabled if not trial.no_plugins or not _has_rule(shop.plugins, n)]
    named = [name for name in trial.plugins if name not in enabled]
    plugins = shop.plugins.loaded_apart(replace(settings, enabled=(*enabled, *named)))
    for name in trial.plugins:
        if not _has_rule(plugins, name):
            raise _no_rule(name, plugins)
    if not any(info.name == "stock_control" for info in plugins.infos):
        raise InvalidInput(
            Text(
                '{file}: lägg till "stock_control" i [plugins] enabled',
                '{file}: add "stock_control" to [plugins] enabled',
            ).fill(file=trial.settings)
        )
    return plugins


def _has_rule(plugins: Plugins, name: str) -> bool:
    return any(i.plugin == name for hook in (CHECK_HOOK, STATUS_HOOK) for i in plugins.implementations(hook))


def _no_rule(name: str, plugins: Plugins) -> InvalidInput:
    known = [info.name for info in plugins.infos if _has_rule(plugins, info.name)]
    others = Text(" De som har en: {n}.", " Those that have one: {n}.").fill(n=", ".join(known))
    return InvalidInput(
        Text(
            "Insticksmodulen {name} har ingen lagerregel (ashop_stock_check eller ashop_stock_status).{others}",
            "The plugin {name} has no stock rule (ashop_stock_check or ashop_stock_status).{others}",
        ).fill(name=name, others=others if known else same(""))
    )


def _read(shop: Shop, path: Path) -> Settings:
    """Return the settings in a file as if they were the shop's."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(
            Text("{path} går inte att läsa: {why}", "{path} cannot be read: {why}").fill(
                path=path, why=getattr(error, "strerror", None) or error
            )
        ) from error
    settings, problems = parse_settings(shop.settings.folder, document)
    if settings is None or problems:
        raise SettingsError(problems)
    return settings

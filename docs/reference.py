"""The reference pages, each made from the code that it describes."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import entry_points
from typing import Any, get_args, get_origin, get_type_hints

from consoles import command_help, stage
from session import session

from ashop_core import hookspecs, settings, standard, where
from ashop_core.flow_build import STANDARD
from ashop_core.flows import FlowParts
from ashop_core.hookspecs import HOOK_PREFIX
from ashop_core.models import Status
from ashop_core.template_fields import documented
from ashop_core.testing import write_shop
from ashop_core.texts import Text

HEAD = "<!-- Made by `make docs` from the code: edit that, not this page. -->\n\n"


def plugins() -> dict[str, Any]:
    """Return the installed plugins by name."""
    points = {p.name: p for p in entry_points(group="ashop") if p.value.startswith("ashop_")}
    return {name: points[name].load() for name in sorted(points)}


# ── Hooks ────────────────────────────────────────────────────────────────────────────────────────


def hooks() -> str:
    """Return the page of every hook: its signature, its contract, who uses it."""
    parts = [HEAD, "# Hooks\n\n", _paragraphs(hookspecs.__doc__), "\n"]
    for heading, module in (("", hookspecs), *_own_specs()):
        parts.append(heading)
        for name, function in vars(module).items():
            if name.startswith(HOOK_PREFIX) and hasattr(function, "ashop_spec"):
                parts.append(_hook(name, function))
    return "".join(parts)


def _own_specs() -> Iterator[tuple[str, Any]]:
    for name, plugin in plugins().items():
        give = getattr(plugin, "ashop_register_hookspecs", None)
        if give is not None:
            module = give()
            yield f"# Hooks of `{name}`\n\n{_paragraphs(module.__doc__)}\n", module


def _hook(name: str, function: Callable[..., Any]) -> str:
    users = [plugin for plugin, module in plugins().items() if hasattr(module, name)]
    used = ", ".join(f"`{user}`" for user in users) or "–"
    signature = re.sub(r"'([^']*)'", r"\1", str(inspect.signature(function)))
    return f"## `{name}`\n\n```python\n{name}{signature}\n```\n\n{_paragraphs(function.__doc__)}\nUsed by: {used}\n\n"


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────


def settings_page() -> str:
    """Return the page of every settings table, the core's and the plugins'."""
    tables = [
        ("[shop]", settings.ShopSettings),
        ("[plugins]", settings.PluginsTable),
        ("[delivery.<code>]", settings.DeliveryTable),
        ("[payment.<code>]", settings.PaymentTable),
        ("[statuses.<code>]", settings.StatusTable),
        ("[[transitions]]", settings.TransitionTable),
        ("[filters.<code>]", settings.FilterTable),
    ]
    parts = [
        HEAD,
        "# Settings\n\nEverything that `ashop.toml` may say. `ashop settings check` tells every fault at once.\n",
    ]
    parts += [*(_table(title, cls) for title, cls in tables), _saved_filters()]
    for name, module in plugins().items():
        if hasattr(module, "Settings"):
            parts.append(_table(f"[plugins.{name}]", module.Settings))
    return "".join(parts)


def _saved_filters() -> str:
    """Return what ``where`` may say, and the filters that ship."""
    out = [
        "\nWhat `where` may say, as `key=value` with commas between (`order list --where` reads the same):\n\n"
    ]
    out += [
        "| key | |\n|---|---|\n",
        *(f"| `{name}` | {key.help.en} |\n" for name, key in where.KEYS.items()),
    ]
    out += ["\nThe filters that ship:\n\n| code | label | where |\n|---|---|---|\n"]
    out += [f"| `{f.code}` | {f.label.en} ({f.label.sv}) | `{f.where}` |\n" for f in standard.FILTERS]
    return "".join(out)


def _table(title: str, cls: type) -> str:
    hints = get_type_hints(cls)
    rows = [
        f"| `{f.name.rstrip('_')}` | {_kind(hints[f.name])} | {_default(f)} |"
        for f in dataclasses.fields(cls)
    ]
    words = _paragraphs(cls.__doc__)
    nested = "".join(
        _table(_title_within(title, f.name, hints[f.name]), inner)
        for f in dataclasses.fields(cls)
        for inner in _dataclasses_in(hints[f.name])
    )
    return (
        f"\n## `{title}`\n\n{words}\n| key | value | default |\n|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
        + nested
    )


def _title_within(title: str, name: str, hint: Any) -> str:
    """Return a table of a table as a shop's owner writes its head: one, several, or one for each code."""
    path = f"{title.strip('[]')}.{name}"
    kinds = {get_origin(each) for each in (hint, *get_args(hint))}
    if kinds & {dict, Mapping}:
        return f"[{path}.<code>]"
    return f"[[{path}]]" if tuple in kinds else f"[{path}]"


def _dataclasses_in(hint: Any) -> Iterator[type]:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and hint is not Text:
        yield hint
    for inner in get_args(hint):
        yield from _dataclasses_in(inner)


def _kind(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return f"list of {_kind(inner[0])}"
    if origin is dict:
        return f"table of {_kind(inner[1])}"
    if inner:
        return " or ".join(_kind(i) for i in inner if i is not type(None))
    if isinstance(hint, type) and hasattr(hint, "__members__"):
        return ", ".join(f"`{m.value}`" for m in hint)  # type: ignore[attr-defined]
    names = {
        "str": "text",
        "int": "whole number",
        "bool": "true or false",
        "timedelta": "a length of time, such as `3d`",
        "Text": "text, or one per language",
    }
    if hint.__name__ == "Secret":
        return '`{ env = "NAME" }` or `{ file = "path" }`'
    return names.get(hint.__name__, "table" if dataclasses.is_dataclass(hint) else hint.__name__)


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
        return "" if not value else "as shipped"
    if field.default is dataclasses.MISSING:
        return "**required**"
    if field.default is None or field.default == ():
        return ""
    if dataclasses.is_dataclass(field.default):
        return "as shipped"
    value = field.default
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


# ── Statuses ─────────────────────────────────────────────────────────────────────────────────────


def statuses() -> str:
    """Return the page of every status and flow that ships, plugins' included."""
    parts = shipped_parts()
    out = [HEAD, "# Statuses and flows\n\n"]
    out.append(
        "| code | Swedish | English | stage | customer sees | stock | asks for | sends |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    out += [_status(status) for _, part in parts for status in part.statuses]
    out.append("\nSteps that an order may take (a step without flows belongs to every delivery method):\n\n")
    out.append("| from | to | flows | from plugin |\n|---|---|---|---|\n")
    for owner, part in parts:
        for step in part.transitions:
            out.append(
                f"| `{step.source}` | `{step.target}` | {', '.join(sorted(step.flows)) or 'all'} | {owner} |\n"
            )
    out.append("\nThe same as pictures, as `ashop flow show --format svg` draws them:\n")
    out += [f"\n![The flow {flow}](flow-{flow}.svg)\n" for flow in FLOWS]
    return "".join(out)


def picture(flow: str) -> str:
    """Return the picture of a flow that ships, as the command draws it."""
    with stage() as player:
        write_shop(player.folder, *plugins())
        return player.run(f"ashop --lang en flow show --delivery {flow} --format svg")


def shipped_parts() -> list[tuple[str, FlowParts]]:
    """Return the statuses and steps that ship, each part with the name of who brings it."""
    return [("core", STANDARD), *_brought()]


def _brought() -> Iterator[tuple[str, FlowParts]]:
    from pathlib import Path

    from ashop_core.plugins import load_plugins
    from ashop_core.settings import parse_settings

    parsed, problems = parse_settings(Path(), {"plugins": {"enabled": list(plugins())}})
    assert parsed is not None, problems
    loaded = load_plugins(parsed)
    loaded.ensure_sound()
    yield from loaded.collect("ashop_register_flows", FlowParts, settings=loaded.settings)


def _status(status: Status) -> str:
    sees = status.customer_label.to("sv") if status.visible and status.customer_label else "never"
    asks = ", ".join(f"`{f.code}`{' (required)' if f.required else ''}" for f in status.fields)
    stock = status.stock.value if status.stock else "as its moves say"
    return (
        f"| `{status.code}` | {status.label.sv} | {status.label.en} | {status.stage.value} | {sees} | {stock} "
        f"| {asks} | {', '.join(status.notify)} |\n"
    )


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────


def commands(language: str) -> str:
    """Return the page of every command with its help, as the program prints it."""
    title = Text("Kommandon", "Commands").to(language)
    return f"{HEAD}# {title}\n\n{command_help(language)}"


def outputs(language: str) -> str:
    """Return the page of what every command prints, played in one shop."""
    title = Text("Vad kommandona svarar", "What the commands answer").to(language)
    words = Text(
        "Spelat av programmet självt, kommando för kommando, i en och samma butik.",
        "Played by the program itself, command after command, in one shop.",
    ).to(language)
    return f"{HEAD}# {title}\n\n{words}\n\n{session(language).rstrip()}\n"


def template_values(language: str) -> str:
    """Return the page of every value that a template may use, from where they are defined."""
    title = Text("Vad en mall får använda", "What a template may use").to(language)
    words = Text(
        "Detsamma i alla kanaler, som ren text, antal och listor på mottagarens språk; det som inte finns är tomt.\n"
        "`lines[].name` är namnet i varje rad av listan `lines`.",
        "The same in every channel: plain words, counts and lists in the recipient's language; what is not there is empty.\n"
        "`lines[].name` is the name in each item of the list `lines`.",
    ).to(language)
    head = Text("| värde | |", "| value | |").to(language)
    rows = "".join(f"| `{name}` | {meaning.to(language)} |\n" for name, meaning in documented())
    return f"{HEAD}# {title}\n\n{words}\n\n{head}\n|---|---|\n{rows}"


def _paragraphs(docstring: str | None) -> str:
    return inspect.cleandoc(docstring or "") + "\n"


FLOWS = ("post", "pickup", "installation")

PAGES: dict[str, Callable[[], str]] = {
    "hooks.md": hooks,
    "settings.md": settings_page,
    "statuses.md": statuses,
    "commands.md": partial(commands, "en"),
    "kommandon.md": partial(commands, "sv"),
    "template-values.md": partial(template_values, "en"),
    "mallvarden.md": partial(template_values, "sv"),
    "outputs.md": partial(outputs, "en"),
    "utskrifter.md": partial(outputs, "sv"),
    **{f"flow-{flow}.svg": partial(picture, flow) for flow in FLOWS},
}

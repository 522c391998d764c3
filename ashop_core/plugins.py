"""Plugins: found, loaded, checked and called, so that every result and every fault has a plugin's name."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from ashop_core import hookspecs
from ashop_core.errors import AshopError, PluginError, Problem, SettingsError
from ashop_core.hookspecs import HOOK_PREFIX
from ashop_core.settings import Settings, parse_plugin
from ashop_core.texts import Text, same

GROUP = "ashop"
LOCAL = "local:"
LOCAL_FOLDER = "plugins"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PluginInfo:
    """What `ashop plugin list` shows of an enabled plugin; `problems` is empty when all is well."""

    name: str
    version: str
    source: str
    requires: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Implementation:
    """One plugin's function for one hook, and the arguments it takes."""

    plugin: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]


@dataclass
class Plugins:
    """The enabled plugins of one open shop. Calls go in the order of the plugins' names."""

    infos: list[PluginInfo]
    settings: Settings
    _hooks: dict[str, list[Implementation]] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        """Everything that keeps an enabled plugin from working."""
        return [problem for info in self.infos for problem in info.problems]

    def ensure_sound(self) -> None:
        """Raise PluginError (or SettingsError, where only settings are wrong) unless every plugin works."""
        if not self.problems:
            return
        if all(p.code == "invalid" for p in self.problems):
            raise SettingsError(self.problems)
        text = Text("\n".join(p.text.sv for p in self.problems), "\n".join(p.text.en for p in self.problems))
        raise PluginError(self.problems[0].plugin or "", text)

    def loaded_apart(self, settings: Settings) -> Plugins:
        """Return the plugins of other settings, as a shop would be opened with them; the shop's own stay as they are.

        Raises PluginError or SettingsError as `ensure_sound` does.
        """
        plugins = load_plugins(settings)
        plugins.ensure_sound()
        return plugins

    def implementations(self, hook: str) -> list[Implementation]:
        """Return who implements a hook, in the order they are called."""
        return self._hooks.get(hook, [])

    def collect(self, hook: str, kind: type[T], /, **arguments: Any) -> list[tuple[str, T]]:
        """Call a hook everywhere; return each result that is not None with its plugin's name.

        The first exception, or result of another kind, becomes a PluginError that names plugin and hook;
        nothing more is called.
        """
        results: list[tuple[str, T]] = []
        for implementation in self._hooks.get(hook, ()):
            result = self.call(implementation, hook, kind, **arguments)
            if result is not None:
                results.append((implementation.plugin, result))
        return results

    def call(self, implementation: Implementation, hook: str, kind: type[T], /, **arguments: Any) -> T | None:
        """Call one plugin's hook; an exception, or a result of another kind, becomes a PluginError."""
        result = _call(hook, implementation, arguments)
        if result is None or isinstance(result, kind):
            return result
        raise _wrong_type(hook, implementation.plugin, result, kind)

    def gather(
        self,
        hook: str,
        kind: type | tuple[type, ...],
        /,
        *,
        after_each: Callable[[], None] | None = None,
        **arguments: Any,
    ) -> list[tuple[str, Any]]:
        """Call a hook that returns several things; return each of them with its plugin's name.

        Anything that is not of `kind` is a fault of the plugin, as an exception is, also one that
        `after_each` raises when it looks at what the plugin left behind.
        """
        results: list[tuple[str, Any]] = []
        for implementation in self._hooks.get(hook, ()):
            for item in _items(hook, implementation, arguments, after_each):
                if not _fits(item, kind):
                    raise _wrong_type(hook, implementation.plugin, item, kind)
                results.append((implementation.plugin, item))
        return results

    def describe(
        self, implementation: Implementation, kind: type[T] | tuple[type[T], ...], /, **arguments: Any
    ) -> tuple[list[T], PluginError | None]:
        """Call one plugin's `describe` hook; return what it gave and, if it failed, how."""
        try:
            items = _items("describe", implementation, arguments, None)
        except PluginError as error:
            return [], error
        wrong = [item for item in items if not _fits(item, kind)]
        fault = _wrong_type("describe", implementation.plugin, wrong[0], kind) if wrong else None
        return [item for item in items if isinstance(item, kind) and _fits(item, kind)], fault

    def ask(
        self, implementation: Implementation, hook: str, kind: type[T], /, **arguments: Any
    ) -> tuple[T | None, PluginError | None]:
        """Call one plugin's `describe` hook that gives one thing; return it or, if the plugin failed, how."""
        try:
            return self.call(implementation, hook, kind, **arguments), None
        except PluginError as error:
            return None, error

    def call_each(self, hook: str, /, **arguments: Any) -> list[PluginError]:
        """Call a hook everywhere, each plugin apart from the others; return the faults."""
        faults = []
        for implementation in self._hooks.get(hook, ()):
            try:
                _call(hook, implementation, arguments)
            except PluginError as fault:
                faults.append(fault)
        return faults


def _call(hook: str, implementation: Implementation, arguments: dict[str, Any]) -> Any:
    try:
        return implementation.function(**{name: arguments[name] for name in implementation.arguments})
    except (Exception, SystemExit) as error:  # the one isolating call: whatever a plugin does gets its name
        raise _raised(hook, implementation.plugin, error) from error


def by_name(plugin: str, what: str, function: Callable[..., T], *arguments: Any) -> T:
    """Call something of a plugin's outside the hooks; a fault that is no AshopError gets the plugin's name."""
    try:
        return function(*arguments)
    except AshopError:
        raise
    except (Exception, SystemExit) as error:  # as in _call
        raise _raised(what, plugin, error) from error


def _items(
    hook: str,
    implementation: Implementation,
    arguments: dict[str, Any],
    after_each: Callable[[], None] | None,
) -> tuple[Any, ...]:
    """Return a hook's result as a tuple; a generator runs here, so that its faults are named too."""
    try:
        result = implementation.function(**{name: arguments[name] for name in implementation.arguments})
        items = () if result is None else tuple(result)
        if after_each is not None:
            after_each()
        return items
    except PluginError:  # of another plugin that this one asked: it has its name already
        raise
    except (Exception, SystemExit) as error:  # as in _call
        raise _raised(hook, implementation.plugin, error) from error


def _raised(hook: str, plugin: str, error: BaseException) -> PluginError:
    return PluginError(
        plugin,
        Text(
            "insticksmodulen {plugin} gick fel i {hook}: {error}{place}",
            "the plugin {plugin} failed in {hook}: {error}{place}",
        ).fill(
            plugin=plugin, hook=hook, error=f"{type(error).__name__}: {_said(error)}", place=_place(error)
        ),
        hook=hook,
    )


def _said(error: BaseException) -> str:
    """Return an exception's words such that every store keeps them; a plugin's own may not even be able to say them."""
    try:
        words = str(error)
    except Exception as another:
        words = f"({type(another).__name__})"
    return words.encode("utf-8", "replace").decode("utf-8")


def _place(error: BaseException) -> Text:
    """Return the file and line where a plugin's own code stood when it failed; nothing where it had not begun."""
    frames = extract_tb(error.__traceback__)[1:]  # the first is the call, here
    own = [f for f in frames if Path(f.filename).parent == Path(frames[0].filename).parent]
    if not own:
        return same("")
    values = {"file": Path(own[-1].filename).name, "n": own[-1].lineno}
    return Text(" ({file}, rad {n})", " ({file}, line {n})").fill(**values)


def _fits(item: object, kind: type | tuple[type, ...]) -> bool:
    """Tell whether a plugin's answer is of the kind, and its words are in both languages."""
    words = (getattr(item, "text", None), getattr(item, "title", None))
    return isinstance(item, kind) and all(w is None or isinstance(w, Text) for w in words)


def _wrong_type(hook: str, plugin: str, item: object, kind: type | tuple[type, ...]) -> PluginError:
    kinds = [each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,))]
    return PluginError(
        plugin,
        Text(
            "insticksmodulen {plugin} gav fel sorts svar i {hook}: {kind}, inte {wanted}",
            "the plugin {plugin} returned the wrong kind of thing from {hook}: {kind}, not {wanted}",
        ).fill(plugin=plugin, hook=hook, kind=type(item).__name__, wanted=", ".join(kinds)),
        hook=hook,
    )


# ── Loading ──────────────────────────────────────────────────────────────────────────────────────


def load_plugins(settings: Settings) -> Plugins:
    """Load every plugin that the settings name, and say of each that fails what is wrong.

    Nothing is raised: `Plugins.ensure_sound` does that, so that `plugin list` and `doctor` can still
    name a broken one.
    """
    manager = pluggy.PluginManager("ashop")
    manager.add_hookspecs(hookspecs)
    installed = {point.name: point for point in entry_points(group=GROUP)}
    loaded = [_load(settings, name, installed) for name in sorted(settings.enabled)]
    _register(manager, loaded)
    found: dict[type, object] = {}
    for candidate in loaded:
        _read_settings(settings, candidate, found)
        _check_requires(settings, candidate)
        _check_hooks(manager, candidate)
    return Plugins(
        [_info(candidate) for candidate in loaded], settings.with_plugins(found), _hook_table(manager)
    )


@dataclass
class _Candidate:
    name: str
    version: str = ""
    source: str = ""
    module: ModuleType | None = None
    hooks: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, sv: str, en: str, **values: object) -> None:
        """Note what is wrong with the plugin."""
        head = Text("insticksmodulen {name}: ", "the plugin {name}: ").fill(name=self.name)
        words = Text(sv, en).fill(**values)
        self.problems.append(Problem(code, Text(head.sv + words.sv, head.en + words.en), self.name))


def _load(settings: Settings, name: str, installed: dict[str, EntryPoint]) -> _Candidate:
    candidate = _Candidate(name)
    try:
        if name.startswith(LOCAL):
            _load_local(settings, candidate)
        else:
            _load_installed(candidate, installed)
    except (Exception, SystemExit) as error:  # importing runs the plugin's code: anything may come
        candidate.add(
            "cannot_load",
            "kan inte laddas: {error}. Rätta den{lacks} eller ta bort den ur [plugins] enabled",
            "cannot be loaded: {error}. Mend it{lacks} or remove it from [plugins] enabled",
            error=f"{type(error).__name__}: {error}", lacks=_lacks(name),
        )  # fmt: skip
    return candidate


def _lacks(name: str) -> Text:
    if name.startswith(LOCAL):
        return Text(", installera det den saknar", ", install what it lacks")
    return Text(
        f', installera det den saknar (pip install "ashop[{name}]")',
        f', install what it lacks (pip install "ashop[{name}]")',
    )


def _load_installed(candidate: _Candidate, installed: dict[str, EntryPoint]) -> None:
    point = installed.get(candidate.name)
    if point is None:
        close = get_close_matches(candidate.name, installed, 1)
        candidate.add(
            "not_installed",
            "finns inte. Installerade: {known}. {hint}",
            "is not installed. Installed are: {known}. {hint}",
            known=", ".join(sorted(installed)) or "–",
            hint=Text("Menade du {c}?", "Did you mean {c}?").fill(c=close[0]) if close else same(""),
        )
        return
    candidate.source = point.value
    if point.dist is not None:
        candidate.source, candidate.version = point.dist.name, point.dist.version
    candidate.module = point.load()


def _load_local(settings: Settings, candidate: _Candidate) -> None:
    short = candidate.name.removeprefix(LOCAL)
    path = settings.path(LOCAL_FOLDER) / f"{short}.py"
    candidate.source = f"{LOCAL_FOLDER}/{short}.py"
    if not short.isidentifier() or not path.is_file():
        candidate.add(
            "not_installed", "filen {path} finns inte", "there is no file {path}", path=candidate.source
        )
        return
    candidate.module = module_from(path, f"ashop_local_{short}")
    candidate.version = str(getattr(candidate.module, "__version__", ""))


def module_from(path: Path, name: str) -> ModuleType:
    """Return a Python file run as a module of this name, which it keeps in `sys.modules`."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs: dataclasses look their own module up.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _register(manager: pluggy.PluginManager, loaded: list[_Candidate]) -> None:
    # Specifications first, so that whoever implements one wrongly is refused, and not its author.
    for candidate in loaded:
        give = getattr(candidate.module, "ashop_register_hookspecs", None)
        if give is None:
            continue
        try:
            manager.add_hookspecs(give())
        except (Exception, SystemExit) as error:  # plugin code, as in _load
            _refuse(manager, candidate, error)
    for candidate in loaded:
        if candidate.module is None or candidate.problems:
            continue
        try:
            manager.register(candidate.module, candidate.name)
        except pluggy.PluginValidationError as error:
            _refuse(manager, candidate, error)


def _refuse(manager: pluggy.PluginManager, candidate: _Candidate, error: BaseException) -> None:
    if manager.has_plugin(candidate.name):
        manager.unregister(name=candidate.name)
    candidate.add("bad_hook", "felaktig krok: {error}", "a hook is wrong: {error}", error=_first_line(error))


def _first_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _read_settings(settings: Settings, candidate: _Candidate, found: dict[type, object]) -> None:
    cls = getattr(candidate.module, "Settings", None)
    if cls is None or cls is Settings:  # the core's own, imported for an annotation
        if candidate.module is not None and settings.tables.get(candidate.name):
            candidate.add(
                "invalid", "har inga inställningar: ta bort [plugins.{name}]",
                "has no settings: remove [plugins.{name}]", name=candidate.name,
            )  # fmt: skip
        return
    try:
        value, problems = parse_plugin(settings, candidate.name, cls)
    except Exception as error:  # plugin code, as in _load: the class itself is at fault
        candidate.add(
            "bad_settings", "dess klass Settings går inte att använda: {error}",
            "its class Settings cannot be used: {error}", error=_first_line(error),
        )  # fmt: skip
        return
    candidate.problems += [Problem(p.code, p.text, candidate.name) for p in problems]
    if value is not None:
        found[cls] = value


def _check_requires(settings: Settings, candidate: _Candidate) -> None:
    if not isinstance(getattr(candidate.module, "requires", ()), str | tuple | list):
        candidate.add("requires", "requires ska vara en tupel med namn", "requires must be a tuple of names")
    for needed in _requires(candidate):
        if needed not in settings.enabled:
            candidate.add(
                "requires",
                'bygger på {needed}: lägg till "{needed}" i [plugins] enabled',
                'builds on {needed}: add "{needed}" to [plugins] enabled',
                needed=needed,
            )


def _requires(candidate: _Candidate) -> tuple[str, ...]:
    needed = getattr(candidate.module, "requires", ())
    if isinstance(needed, str):
        return (needed,)
    return tuple(needed) if isinstance(needed, tuple | list) else ()


def _check_hooks(manager: pluggy.PluginManager, candidate: _Candidate) -> None:
    """Note every function that looks like a hook but will never be called (pluggy keeps silent)."""
    if candidate.module is None:
        return
    known = {name for name, caller in vars(manager.hook).items() if getattr(caller, "spec", None) is not None}
    for name, function in vars(candidate.module).items():
        if not name.startswith(HOOK_PREFIX) or not callable(function):
            continue
        if name not in known:
            close = get_close_matches(name, known, 1)
            candidate.add(
                "unknown_hook",
                "kroken {hook} finns inte. {hint}",
                "there is no hook {hook}. {hint}",
                hook=name,
                hint=Text("Menade du {c}?", "Did you mean {c}?").fill(c=close[0]) if close else same(""),
            )
        elif not hasattr(function, "ashop_impl") and not hasattr(function, "ashop_spec"):
            candidate.add(
                "unmarked_hook",
                "kroken {hook} saknar @hookimpl",
                "the hook {hook} lacks @hookimpl",
                hook=name,
            )
    candidate.hooks = tuple(
        sorted(n for n, f in vars(candidate.module).items() if n in known and hasattr(f, "ashop_impl"))
    )


def _info(candidate: _Candidate) -> PluginInfo:
    return PluginInfo(
        name=candidate.name,
        version=candidate.version,
        source=candidate.source,
        requires=_requires(candidate),
        hooks=candidate.hooks,
        problems=tuple(candidate.problems),
    )


def _hook_table(manager: pluggy.PluginManager) -> dict[str, list[Implementation]]:
    callers = {n: c for n, c in vars(manager.hook).items() if isinstance(c, pluggy.HookCaller)}
    return {name: sorted(_of(caller), key=lambda i: i.plugin) for name, caller in callers.items()}


def _of(caller: pluggy.HookCaller) -> Iterator[Implementation]:
    for implementation in caller.get_hookimpls():
        yield Implementation(
            implementation.plugin_name, implementation.function, tuple(implementation.argnames)
        )

"""The documentation holds: links lead somewhere, examples run, every hook and plugin is told of."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from ashop_core import hookspecs
from ashop_core.hookspecs import HOOK_PREFIX

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md"), *ROOT.glob("plugins/*/README.md")]
)
PYTHON = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def examples(page):
    return PYTHON.findall((ROOT / page).read_text(encoding="utf-8"))


def run(code):
    module = ModuleType("example")
    exec(compile(code, "example", "exec"), vars(module))  # noqa: S102 - our own pages
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("code", examples("docs/plugin-authors.md"), ids=lambda c: c.split("\n")[0][:30])
def test_the_examples_for_plugin_authors_are_python_that_runs(code):
    names = set(vars(run(code)))

    assert names - set(vars(ModuleType("example")))


def test_the_example_of_a_test_is_a_test_that_passes(make_shop):
    (example,) = (run(code) for code in examples("docs/plugin-authors.md") if "def test_an_order" in code)

    example.test_an_order_is_placed(make_shop)

    assert callable(example.test_an_order_is_placed)


def test_the_example_of_a_race_is_a_test_that_passes(race, make_shop):
    (example,) = (run(code) for code in examples("docs/races.md") if "def test_" in code)

    example.test_the_last_lamp_is_sold_once(race, make_shop)

    assert callable(example.test_the_last_lamp_is_sold_once)


def test_every_hook_has_its_contract_on_the_page():
    page = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
    hooks = [name for name in vars(hookspecs) if name.startswith(HOOK_PREFIX)]

    assert [name for name in hooks if f"## `{name}`" not in page] == []


def test_every_plugin_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    plugins = [folder.name for folder in (ROOT / "plugins").iterdir() if (folder / "README.md").exists()]

    assert [name for name in plugins if f"plugins/{name}/README.md" not in readme] == []


def test_every_module_of_the_core_stands_on_the_map_once():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| layer |")[2].partition("## ")[0]
    named = [
        name for row in table.splitlines()[2:] if row for name in re.findall(r"`([\w*]+)`", row.split("|")[2])
    ]
    there = {path.stem for path in (ROOT / "ashop_core").glob("[a-z]*.py")}
    families = [name[:-1] for name in named if name.endswith("*")]
    plain = [name for name in named if not name.endswith("*")]

    assert len(plain) == len(set(plain))
    assert set(plain) <= there
    assert {name for name in there - set(plain) if not name.startswith(tuple(families))} == set()


def test_every_command_has_its_output_in_both_languages():
    heading = re.compile(r"^#+ `ashop ([a-z ]+)`$", re.MULTILINE)
    named = heading.findall((ROOT / "docs" / "commands.md").read_text(encoding="utf-8"))
    groups = {" ".join(name.split()[:-1]) for name in named}
    commands = {name for name in named if name not in groups} - {"demo", "init"}

    for page in ("outputs.md", "utskrifter.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert {name for name in commands if f"$ ashop {name}" not in text} == set()


def test_the_heads_of_the_settings_are_written_as_in_the_file():
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    heads = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]

    assert [head for head in heads if not re.fullmatch(r"`(\[[a-z_.<>]+]|\[\[[a-z_.<>]+]])`", head)] == []
    assert "`[[statuses.<code>.messages]]`" in heads

"""Fixtures come from `ashop_core.testing`, the same that plugin authors get; here is what only our own tests need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ashop_core.cli.language import speak
from ashop_core.testing import FixedClock

Ashop = Callable[..., Result]


@pytest.fixture
def ashop(tmp_path: Path, clock: FixedClock) -> Ashop:
    """Run the command line in the shop that `write_shop` or `make_shop` made: ``ashop("order", "list")``.

    `lang` is the language to ask for, `home` another shop's folder (None: none), `env` more of the environment.
    """

    def run(
        *args: str,
        lang: str | None = "sv",
        home: Path | None = tmp_path / "shop",
        env: dict[str, str] | None = None,
        input: str | None = None,
    ) -> Result:
        from ashop_core.cli.root import Root

        leading = [*(["--shop", str(home)] if home else []), *(["--lang", lang] if lang else [])]
        bare = dict.fromkeys(("ASHOP_SHOP", "ASHOP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
        runner = CliRunner(env={**bare, "ASHOP_ACTOR": "staff", **(env or {})})
        return runner.invoke(
            Root(clock), [*leading, *args], prog_name="ashop", input=input, catch_exceptions=False
        )

    return run


@pytest.fixture(autouse=True)
def swedish() -> None:
    """Begin each test in Swedish: the language belongs to the invocation, and tests share one process."""
    speak("sv")

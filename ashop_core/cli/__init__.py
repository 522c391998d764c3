"""The command line: `ashop`."""

from __future__ import annotations


def main() -> None:
    """Run the program `ashop` with the arguments it was started with."""
    try:
        from ashop_core.cli.root import Root

        Root().main(prog_name="ashop")
    except KeyboardInterrupt:
        raise SystemExit(130) from None

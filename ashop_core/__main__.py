"""``python -m ashop_core`` is the same as `ashop`."""

from ashop_core.cli import main

main()

"""What staff type of a customer's e-mail address, looked at while it can be asked about again."""

from __future__ import annotations

import re

from ashop_core.cli.app import usage_error
from ashop_core.texts import Text

_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def check_email(address: str) -> None:
    """Stop with exit code 2 at what no message could reach; nothing at all is no fault."""
    if address.strip() and not _ADDRESS.fullmatch(address.strip()):
        usage_error(
            Text(
                "--email: ”{a}” är ingen e-postadress. Skriv till exempel anna@example.se",
                "--email: “{a}” is not an e-mail address. Write for example anna@example.se",
            ).fill(a=address)
        )

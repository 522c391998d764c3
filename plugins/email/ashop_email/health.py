"""What `ashop doctor` tells of mail: that it reaches nobody as long as there is no mail server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ashop_core.finding import Finding, worth_knowing
from ashop_email.settings import EmailSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def findings(shop: Shop) -> Iterator[Finding]:
    """Yield that mail becomes files, once some has."""
    own = shop.settings.for_plugin(EmailSettings)
    if own.smtp is None and any(shop.settings.path(own.outbox).glob("*.eml")):
        yield worth_knowing(
            "mail_written",
            "mejlen skrivs som filer i {folder} och når ingen: ange [plugins.email.smtp] innan butiken öppnar",
            "mails are written as files in {folder} and reach nobody: set [plugins.email.smtp] before the shop opens",
            folder=own.outbox,
        )

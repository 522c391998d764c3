"""What `ashop doctor` tells of mail: what keeps it from reaching anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ashop_core.finding import Finding, worth_knowing
from ashop_core.texts import Text
from ashop_email.settings import EmailSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def findings(shop: Shop) -> Iterator[Finding]:
    """Yield that mail becomes files, once some has, and that the file with the authorities to trust is missing."""
    own = shop.settings.for_plugin(EmailSettings)
    if own.smtp is not None and own.smtp.ca and not shop.settings.path(own.smtp.ca).is_file():
        yield Finding(
            code="mail_ca",
            text=Text(
                "plugins.email.smtp.ca: filen {file} finns inte, så inga mejl går i väg",
                "plugins.email.smtp.ca: there is no file {file}, so that no mail leaves",
            ).fill(file=own.smtp.ca),
        )
    if own.smtp is None and any(shop.settings.path(own.outbox).glob("*.eml")):
        yield worth_knowing(
            "mail_written",
            "mejlen skrivs som filer i {folder} och når ingen: ange [plugins.email.smtp] innan butiken öppnar",
            "mails are written as files in {folder} and reach nobody: set [plugins.email.smtp] before the shop opens",
            folder=own.outbox,
        )

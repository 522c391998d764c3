"""E-mail addresses: the usable ones, written one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.texts import Text

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

LONGEST = 254


def usable(text: str) -> str | None:
    """Return an address as a mail server takes it, or None where there is none in `text`.

    The domain comes out in ASCII. What stands before the @ may have letters outside it; not every server takes that.
    """
    from email_validator import EmailNotValidError

    try:
        found = _validated(text, letters=True)
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}"


def own(text: str) -> str | None:
    """Return an address of the shop itself: in ASCII, since it stands in every mail, whoever that goes to."""
    from email_validator import EmailNotValidError

    try:
        return _validated(text, letters=False).ascii_email
    except EmailNotValidError:
        return None


def fault(text: str) -> Text | None:
    """Return what is wrong with an address of the settings, or None."""
    from email_validator import EmailNotValidError

    try:
        _validated(text, letters=False)
    except EmailNotValidError as error:
        return Text(
            "”{value}” är ingen användbar e-postadress. Skriv till exempel order@exempel.se",
            "“{value}” is not a usable e-mail address: {why} Write for example order@example.com",
        ).fill(value=text, why=error)
    return None


def domain(address: str) -> str:
    """Return what stands after the @."""
    return address.rpartition("@")[2]


def _validated(text: str, *, letters: bool) -> ValidatedEmail:
    from email_validator import EmailNotValidError, validate_email

    if len(text) > LONGEST:
        raise EmailNotValidError("It is too long.")
    return validate_email(text.strip(), check_deliverability=False, allow_smtputf8=letters)

"""E-mail addresses: the usable ones, written one way."""

from __future__ import annotations

from ashop_core.texts import Text

LONGEST = 254


def usable(text: str) -> str | None:
    """Return an address as a mail server takes it, or None where there is none in `text`.

    The domain comes out in ASCII. Letters outside ASCII before the @ need servers that few have (SMTPUTF8),
    so such an address counts as unusable.
    """
    from email_validator import EmailNotValidError

    try:
        return _validated(text)
    except EmailNotValidError:
        return None


def fault(text: str) -> Text | None:
    """Return what is wrong with an address of the settings, or None."""
    from email_validator import EmailNotValidError

    try:
        _validated(text)
    except EmailNotValidError as error:
        return Text(
            "”{value}” är ingen användbar e-postadress. Skriv till exempel order@exempel.se",
            "“{value}” is not a usable e-mail address: {why} Write for example order@example.com",
        ).fill(value=text, why=error)
    return None


def domain(address: str) -> str:
    """Return what stands after the @."""
    return address.rpartition("@")[2]


def _validated(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    if len(text) > LONGEST:
        raise EmailNotValidError("It is too long.")
    found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    assert found.ascii_email is not None  # promised by allow_smtputf8=False
    return found.ascii_email

"""Phone numbers: those that an SMS may go to, written one way."""

from __future__ import annotations

LONGEST = 40


def mobile_number(text: str, countries: tuple[str, ...]) -> str | None:
    """Return a mobile number in international form (``+46701234567``), or None.

    A number without country code belongs to the first of `countries`. Numbers of other countries, fixed
    lines and premium numbers give None: each of them costs the shop money and reaches no customer.
    """
    import phonenumbers
    from phonenumbers import PhoneNumberFormat, PhoneNumberType

    if len(text) > LONGEST:
        return None
    try:
        number = phonenumbers.parse(text, countries[0])
    except phonenumbers.NumberParseException:
        return None
    # In some countries, such as the USA, a mobile number cannot be told from a fixed line.
    mobile = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if phonenumbers.number_type(number) not in mobile or number.extension:
        return None
    if phonenumbers.region_code_for_number(number) not in countries:
        return None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))

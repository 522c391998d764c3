"""`[plugins.carriers]`: which carriers the shop uses, what they are called, and where their parcels are followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, urlsplit

from ashop_carriers.carriers import CARRIERS, NUMBER, Carrier
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text, fold, joined

_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class CarrierTable:
    """`carriers.<code>`: a carrier changed or added. `url` has ``{number}`` in it, "" for no link; `also` other names."""

    label: Text | None = None
    url: str | None = None
    also: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.url and (fault := _url_fault(self.url)):
            raise InvalidInput(Text(f"url: {fault.sv}", f"url: {fault.en}"))


@dataclass(frozen=True, kw_only=True)
class CarriersSettings:
    """`[plugins.carriers]`. `default` is the carrier where staff name none and the number is not plainly another's."""

    default: str = ""
    carriers: dict[str, CarrierTable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = [fault for code, table in self.carriers.items() for fault in _table_faults(code, table)]
        known = {**CARRIERS, **self.carriers}
        if self.default and self.default not in known:
            words = Text(
                "default: ”{code}” är ingen känd transportör; det finns {known}",
                "default: “{code}” is no known carrier; there are {known}",
            )
            faults.append(words.fill(code=self.default, known=", ".join(sorted(known))))
        if faults:
            raise InvalidInput(joined(faults, "; "))

    @cached_property
    def known(self) -> Mapping[str, Carrier]:
        """Every carrier by its code: those that ship, as the shop changed them, and its own."""
        return {**CARRIERS, **{code: _merged(code, table) for code, table in self.carriers.items()}}

    def find(self, name: str) -> str | None:
        """Return the code of the carrier that staff mean by a name or a code, in any case and spacing."""
        wanted = _key(name)
        for code, carrier in self.known.items():
            names = (code, carrier.label.sv, carrier.label.en, *carrier.also)
            if wanted and wanted in map(_key, names):
                return code
        return None

    def link(self, code: str, number: str) -> str | None:
        """Return where the public follows a parcel, None where the carrier has no page in the settings."""
        url = self.known[code].url
        return url.replace(NUMBER, quote(number, safe="")) if url and number else None


def _merged(code: str, table: CarrierTable) -> Carrier:
    base = CARRIERS.get(code) or Carrier(label=Text(code, code))
    return Carrier(
        label=table.label or base.label,
        url=base.url if table.url is None else table.url,
        also=base.also if table.also is None else table.also,
    )


def _key(name: str) -> str:
    return "".join(character for character in fold(name) if character.isalnum())


def _table_faults(code: str, table: CarrierTable) -> list[Text]:
    if not _CODE.fullmatch(code):
        words = Text(
            "carriers.{code}: skriv koden med små bokstäver a–z, siffror och understreck",
            "carriers.{code}: write the code in lower-case letters a–z, digits and underscores",
        )
        return [words.fill(code=code)]
    if code not in CARRIERS and table.label is None:
        words = Text(
            'carriers.{code}: label saknas: skriv label = {{ sv = "…", en = "…" }}',
            'carriers.{code}: label is missing: write label = {{ sv = "…", en = "…" }}',
        )
        return [words.fill(code=code)]
    return []


def _url_fault(url: str) -> Text | None:
    if NUMBER not in url:
        return Text(
            "{number} saknas: skriv det där kollinumret ska stå",
            "lacks {number}: write it where the parcel number goes",
        )
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
        )
    except ValueError:
        usable = False
    # The number belongs in the path or after it: in the name of the host it could lead anywhere.
    if (
        usable
        and NUMBER not in parts.netloc
        and url.isascii()
        and url.isprintable()
        and not set(url) & set(" \"'<>\\`")
    ):
        return None
    return Text(
        "måste vara en adress som börjar med https://, med {number} efter värdnamnet",
        "must be an address that begins with https://, with {number} after the host's name",
    )

"""Invented customers: who they are, where they live and how they are reached."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from random import Random

from ashop_core.models import Customer
from ashop_demo import names

RETURNING = 0.35
"""How many orders are by somebody who has ordered before; so the mobile numbers last for 160 orders."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer and the language they are written to in."""

    customer: Customer
    language: str


@dataclass
class Crowd:
    """Everybody who has ordered so far; the same people for the same dice."""

    dice: Random
    _known: list[Person] = field(default_factory=list)

    def someone(self) -> Person:
        """Return a customer, now and then one who was here before."""
        if self._known and self.dice.random() < RETURNING:
            return self.dice.choice(self._known)
        return self.newcomer()

    def newcomer(self, language: str = "sv") -> Person:
        """Return a customer who has never been here."""
        person = Person(customer=self._customer(language), language=language)
        self._known.append(person)
        return person

    def _customer(self, language: str) -> Customer:
        dice = self.dice
        name = dice.choice(names.ENGLISH_NAMES) if language == "en" else self._name()
        prefix, city = dice.choice(names.PLACES)
        return Customer(
            name=name,
            email=f"{mail_name(name)}@{dice.choice(names.DOMAINS)}",
            phone=self._phone(),
            street=f"{dice.choice(names.STREETS)} {dice.randint(1, 64)}{dice.choice(('', '', '', '', ' A', ' B'))}",
            postal_code=f"{prefix} {dice.randint(20, 69)}",
            city=city,
            country="SE",
        )

    def _name(self) -> str:
        """Return a name that nobody here has yet, while there are any."""
        taken = {person.customer.name for person in self._known}
        for _ in range(20):
            name = f"{self.dice.choice(names.FIRST_NAMES)} {self.dice.choice(names.LAST_NAMES)}"
            if name not in taken:
                break
        return name

    def _phone(self) -> str:
        """Return a mobile number, for some a landline, which no SMS reaches, or none at all."""
        wish = self.dice.random()
        if wish < 0.05:
            return ""
        series = names.LANDLINES if wish < 0.12 else names.MOBILES
        return series[len(self._known) % len(series)]


def mail_name(name: str) -> str:
    """Return a name as people write it in a mail address: ``Åsa O'Neill`` is ``asa.oneill``."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return ".".join("".join(c for c in word if c.isalnum()) for word in plain.split())

"""A shop that a program keeps open for days: opened anew when `ashop.toml` says something else.

Otherwise a rule changed at the desk would be turned back by a worker that still knows the old one.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from types import TracebackType
from typing import Self

from ashop_core.errors import AshopError
from ashop_core.settings import FILE, Settings, load_settings
from ashop_core.shop import Shop

log = logging.getLogger("ashop")


class RenewedShop:
    """Gives the shop as its settings stand; while they cannot be used, the shop as it was.

    The shop that it begins with is left to whoever opened it; those that it opens it closes. What secrets hold is
    read when a shop is opened, and no other file is watched: a plugin's new code wants a restart.
    """

    def __init__(self, shop: Shop) -> None:
        self._first = self._shop = shop
        self._looked_at: tuple[int, int, int] | None = None

    def current(self) -> Shop:
        """Return the shop; the one that was returned before is closed if this is another."""
        if self._is_new_file() and self._says_otherwise():
            self._open_anew()
        return self._shop

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shop is not self._first:
            self._shop.close()

    def _is_new_file(self) -> bool:
        try:
            found = self._shop.settings.path(FILE).stat()
        except OSError:
            return False  # gone for a moment, or for good: the shop goes on as it was
        key = (found.st_ino, found.st_mtime_ns, found.st_size)
        is_new, self._looked_at = key != self._looked_at, key
        return is_new

    def _says_otherwise(self) -> bool:
        try:
            return _plain(load_settings(self._shop.settings.folder)) != _plain(self._shop.settings)
        except AshopError:
            return True  # told when it is opened

    def _open_anew(self) -> None:
        before = self._shop
        try:
            shop = Shop.open(before.settings.folder, clock=before.clock)
        except AshopError as error:
            log.warning("the settings cannot be used, those before go on: %s", error)
            return
        shop.staff = before.staff
        self._shop = shop
        if before is not self._first:
            before.close()


def _plain(settings: Settings) -> Settings:
    """Return the settings as the file says them, before the plugins' own were read."""
    return replace(settings, plugins={})

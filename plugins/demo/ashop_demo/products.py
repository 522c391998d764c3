"""What Villa & Värme sells: names, prices in öre and what is on the shelf when the doors open."""

from __future__ import annotations

from dataclasses import dataclass

from ashop_core.models import NewLine


@dataclass(frozen=True, kw_only=True)
class Product:
    """An item of the shop. `wanted` is how often it is bought beside the others.

    `on_hand` None: not kept in stock but ordered for each customer. `refill` 0: none comes in again.
    """

    sku: str
    name: str
    price: int
    on_hand: int | None
    wanted: int = 4
    refill: int = 0

    def line(self, quantity: int = 1) -> NewLine:
        """Return an order line of it."""
        return NewLine(sku=self.sku, name=self.name, quantity=quantity, unit_price=self.price)


def _product(
    sku: str, name: str, crowns: int, on_hand: int | None, wanted: int = 4, refill: int = 0
) -> Product:
    return Product(
        sku=sku, name=name, price=crowns * 100, on_hand=on_hand, wanted=wanted, refill=refill
    )  # fmt: skip


INSTALLED = (
    _product("VP-FJALL-35", "Luftvärmepump Fjällvind 3,5 kW", 14990, 14, 8, 6),
    _product("VP-FJALL-50", "Luftvärmepump Fjällvind 5,0 kW", 18490, 12, 9, 6),
    _product("VP-FJALL-70", "Luftvärmepump Fjällvind 7,0 kW", 23990, 3, 4),
    _product("VP-FRITID", "Luftvärmepump Fjällvind Fritid 2,6 kW", 10990, 9, 5, 4),
    _product("LV-GRANIT-9", "Luft-vattenvärmepump Granit 9 kW", 54900, 4, 2, 2),
    _product("BV-URBERG-8", "Bergvärmepump Urberg 8 kW", 68900, None, 1),
    _product("FTX-VADRA", "Ventilationsaggregat Vädra FTX 200", 27900, 5, 2, 2),
    _product("KAM-GLOD", "Braskamin Glöd", 12495, 8, 6, 4),
    _product("KAM-BRISA", "Braskamin Brisa med täljsten", 24900, 3, 4),
    _product("KAM-PELLE", "Pelletskamin Pelle", 21900, 4, 3),
    _product("KAK-MURA", "Kakelugn Mura", 79000, None, 1),
    _product("INS-HARD", "Kamininsats Härd", 15900, 5, 3, 3),
)

BESIDE = (
    _product("VP-STATIV", "Markstativ till värmepump", 890, 25, 6, 10),
    _product("SKO-45", "Skorstenspaket 4,5 m, rostfritt", 9990, 6, 3, 4),
    _product("GOL-PLAT", "Eldstadsplan i härdat glas", 1690, 9, 4, 5),
    _product("KOL-VARN", "Kolmonoxidvarnare", 449, 30, 5, 20),
)

CARRIED = (
    _product("LAM-NORR", "Golvlampa Norrsken", 1295, 12, 6),
    _product("LAM-SKYM", "Bordslampa Skymning", 595, 20, 6, 10),
    _product("LAM-MANE", "Taklampa Månsken", 1890, 6, 4),
    _product("LAM-STJ", "Adventsstjärna i halm", 249, 16, 10),
    _product("LAM-FON", "Fönsterlampa Vinterro", 349, 24, 7, 12),
    _product("LED-E27", "LED-lampa E27 varmvit, 4-pack", 149, 120, 10, 60),
    _product("LED-SLI", "LED-slinga utomhus, 10 m", 229, 40, 8, 20),
    _product("LAM-SOL", "Solcellslykta Trädgård", 179, 18, 3),
    _product("YXA-KLYV", "Klyvyxa Älgen", 699, 10, 6, 6),
    _product("YXA-HAND", "Handyxa Smålom", 449, 14, 4, 6),
    _product("VED-KLYV", "Vedklyv 7 ton", 4495, 4, 3, 2),
    _product("VED-KORG", "Vedkorg i filt", 399, 15, 7, 10),
    _product("SKR-18V", "Skruvdragare 18 V med två batterier", 1495, 9, 5, 5),
    _product("SAG-JAP", "Japansåg 240 mm", 349, 11, 4),
    _product("HAM-SNI", "Snickarhammare", 299, 17, 4),
    _product("VAT-60", "Vattenpass 60 cm", 249, 13, 3),
    _product("GNI-SKY", "Gnistskydd i smide", 795, 5, 5),
    _product("ASK-HINK", "Askhink med lock", 329, 12, 5, 8),
    _product("BRA-SET", "Brasset i smide", 649, 7, 5),
    _product("TAN-BLO", "Tändblock, 100 st", 79, 80, 9, 40),
    _product("TAN-LNG", "Långhalsad tändare", 89, 60, 6, 30),
    _product("SOT-BOR", "Sotborste med linda", 199, 10, 3),
    _product("BRA-VAR", "Brandvarnare, 2-pack", 299, 35, 7, 20),
    _product("BRA-SLA", "Brandsläckare 6 kg", 599, 16, 5, 8),
    _product("FIL-FJALL", "Filter till Fjällvind, 2-pack", 249, 22, 8, 10),
    _product("TER-LAGOM", "Termostat Lagom, uppkopplad", 1190, 10, 6, 6),
    _product("ELE-1500", "Oljefyllt element 1500 W", 1095, 7, 5),
    _product("AVF-20", "Avfuktare 20 liter", 2695, 3, 4),
    _product("TAT-10", "Tätningslist, 10 m", 119, 50, 6),
    _product("HYG-1", "Hygrometer med termometer", 199, 19, 4),
    _product("FIL-PALL", "Värmefilt för två", 549, None, 3),
)

PRODUCTS = (*INSTALLED, *BESIDE, *CARRIED)

LAST_TWO = _product("LAM-KRO", "Ljuskrona Storebror", 4990, 2, 0)
"""Two left, of which somebody orders three: accepted, and nobody is told what the balance is."""

LAST_ONE = _product("KAM-GJUT", "Gjutjärnskamin Morfar", 8990, 1, 0)
"""One left, which two customers have in their baskets at the same time."""

EVERYTHING = (*PRODUCTS, LAST_TWO, LAST_ONE)

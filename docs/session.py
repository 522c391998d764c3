"""A day in a shop, told by every command: what each prints, in one language, made by the program itself.

The scenes play one after the other in one shop. A test asks that every command of the program has its
line here, so that none is without its output in the documentation.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from unittest.mock import patch

from consoles import Player, stage

from ashop_core.texts import Text

SETTINGS = """
[shop]
name = "Villa & Värme"

[plugins]
enabled = [
    "stock_control", "email", "sms", "installation_booking", "order_import", "carriers", "payments", "slips",
]

[delivery.post]
price = 4900

[payment.invoice]
fee = 1900
due_days = 30

[statuses.partly_shipped]
notify = ["email"]
"""
PACKING = """
[statuses.packing]
label = { sv = "Packas", en = "Being packed" }
flows = ["post"]
after = ["reviewed"]
before = ["shipped"]
"""
BOUNCE = """\
From: MAILER-DAEMON@mail.example
To: order@example.se
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Original-Envelope-Id: 0123456789abcdef01234567

Final-Recipient: rfc822; asa@example.com
Action: failed
Status: 5.1.1

--b--
"""
"""A mail that came back, of a message that nobody knows: those of the session have random tokens."""
RULES = """
[delivery.pickup]
place = { sv = "Storgatan 1, vardagar 9–18", en = "Storgatan 1, weekdays 9 to 6" }

[[statuses.received.messages]]
channels = ["email"]
audience = "staff"
to = ["order@example.se"]

[[statuses.shipped.messages]]
channels = ["email"]

[[statuses.shipped.messages]]
channels = ["email"]
template = "review"
delay = "2w"
even_later = true
delivery = ["post"]
"""
ITEMS = """sku,name,balance,status
SLADD,Textilsladd 3 m,40,
DIMMER,Dimmer 200 W,12,
TERMOSTAT,Golvtermostat,0,
"""
WOO = """ID,Type,SKU,Name,Published,In stock?,Stock,Low stock amount,Backorders allowed?,Categories
1,simple,SLADD,Textilsladd 3 m,1,1,40,5,0,"Hem > Kablar"
2,variable,SPOT,Spotlight,1,1,,,0,Lampor
3,variation,SPOT-VIT,Spotlight - Vit,1,1,8,,0,
"""


@dataclass(frozen=True)
class Scene:
    """Some commands under a heading, the settings that the shop has from here on, and more files."""

    title: Text
    lines: tuple[str, ...]
    settings: str = SETTINGS + PACKING
    files: Mapping[str, str] = field(default_factory=dict)


_ANNA = (
    '--name "Anna Ek" --email anna@example.se --phone 070-1740605 --street "Storgatan 1" '
    '--postal-code "114 21" --city Stockholm'
)
_BO = '--name "Bo Lind" --email bo@example.se --phone 070-1740606'
_CARL = (
    '--name "Carl Berg" --email carl@example.se --phone 070-1740607 --street "Åsgatan 2" '
    '--postal-code "791 71" --city Falun'
)

SCENES: tuple[Scene, ...] = (
    Scene(
        Text("Butiken", "The shop"),
        (
            "ashop settings check",
            "ashop settings show",
            "ashop plugin list",
            "ashop flow check",
            "ashop flow show --delivery pickup",
            "ashop flow show --delivery pickup --format mermaid",
            "ashop completion bash",
        ),
    ),
    Scene(
        Text("Lagret", "The stock"),
        (
            'ashop stock add LAMPA --name "Lampa Norrsken" --balance 5',
            "ashop stock import artiklar.csv --dry-run",
            "ashop stock import artiklar.csv",
            "ashop stock import woocommerce.csv --groups --policies --dry-run",
            "ashop stock export --format woocommerce",
            "ashop stock list",
            "ashop stock receive TERMOSTAT 4 --key F-2211",
            "ashop stock receive TERMOSTAT 4 --key F-2211",
            "ashop stock adjust DIMMER -2 --note Trasiga",
            "ashop stock count SLADD 38",
            "ashop stock set TERMOSTAT in_stock",
            "ashop stock edit DIMMER --group belysning --margin 2 --low 10",
            "ashop stock alerts",
            "ashop stock show LAMPA",
            "ashop stock race --policy strict --stock 5 --processes 2 --tries 10 --quantities 1 --twice 0",
        ),
    ),
    Scene(
        Text("En order från början", "An order from the start"),
        (
            f'ashop order new --line "LAMPA=3@499/25:Lampa Norrsken" --line "SLADD=2@79/25:Textilsladd 3 m" {_ANNA}'
            " --payment invoice",
            "ashop today",
            "ashop order next 100001",
            "ashop order status 100001 reviewed",
            'ashop order approve 100001 --note "Kreditkoll ok"',
            "ashop order edit 100001 --quantity 2=1 --discount 50",
            "ashop order undo 100001",
            "ashop order status 100001 partly_shipped --content 1=2 --parcel UA123456785SE --dry-run",
            "ashop order status 100001 partly_shipped --content 1=2 --parcel UA123456785SE",
            "ashop order slip 100001 --pick-list -o plocklista.html",
            "ashop order status 100001 shipped --parcel 00373500489530471234",
            "ashop order parcel 100001 373325380000000003 --carrier PostNord",
            'ashop order note 100001 "Ringde: allt är framme"',
            "ashop order payment 100001 paid 1000 --reference BG-1",
            "ashop order unpaid",
            "ashop order return 100001 --line 2=1 --refund 79 --reference BG-2",
            "ashop order show 100001",
            "ashop order explain 100001",
            "ashop parcel check UA123456785SE 00373500489530471234",
        ),
    ),
    Scene(
        Text("Många ordrar", "Many orders"),
        (
            f'ashop order new --line "DIMMER=1@349/25:Dimmer 200 W" {_BO} --delivery pickup --payment invoice',
            f'ashop order new --line "LAMPA=1@499/25:Lampa Norrsken" {_CARL} --payment invoice',
            f'ashop order new --line "TERMOSTAT=1@1290/25:Golvtermostat" {_CARL} --delivery installation --payment invoice',
            "ashop order list",
            "ashop order counts",
            "ashop order filters",
            "ashop order list --saved to_review",
            "ashop order list --text falun",
            'ashop order status --where "status=received" reviewed --dry-run',
            'ashop order status --where "status=received" reviewed --yes',
            "ashop order approve 100002 100003 100004 --yes",
            "ashop order status 100002 ready_for_pickup",
            'ashop order status 100004 delivery_booked --time "2026-12-01 13:00" --message "Ring på i grinden!"',
            "ashop booking list",
            "ashop order status 100003 shipped",
            "ashop order undo 100003",
            'ashop order cancel 100003 --reason "Kunden ångrade sig"',
            "ashop order status 100003 shipped",
        ),
    ),
    Scene(
        Text("Kassor som inte blev ordrar", "Checkouts that became no order"),
        (
            f'ashop order new --line "LAMPA=1@499:Lampa Norrsken" {_BO} --no-place',
            'ashop order new --line "DIMMER=2@349:Dimmer" --name "Dag Ny" --phone 070-1740608 --no-place',
            "ashop order abandoned",
            'ashop order followup {reference} contacted --note "Ringer igen på fredag"',
            "ashop order abandoned",
            "ashop order anonymise {reference} --yes",
        ),
    ),
    Scene(
        Text("Meddelanden", "Messages"),
        (
            "ashop message list",
            "ashop message list --dead --failed",
            'ashop message resend 1 --to kontoret@example.com --subject "Din beställning, en gång till" --yes',
            "ashop message show 1",
            "ashop message mailbox",
            "ashop message preview --status installed --order 100004 --channel email",
            "ashop message preview --status shipped --channel sms",
            'ashop message hold --reason "Ny e-postleverantör"',
            "ashop message release --yes",
            "ashop message retry --all",
            "ashop message send --channel email",
            "ashop work --once",
        ),
    ),
    Scene(
        Text("Ut och in, och vård", "Out and in, and care"),
        (
            "ashop order export 100002",
            "ashop order import kopia.jsonl",
            "ashop stock history LAMPA",
            "ashop stock explain LAMPA",
            "ashop stock simulate --policy strict --margin 1",
            "ashop database backup kopia.db",
            "ashop database restore kopia.db --yes",
            "ashop message release --suppress --yes",
            "ashop order status 100004 reviewed",
            "ashop doctor",
            "ashop doctor --fix",
        ),
    ),
    Scene(
        Text("Lagerreglerna", "The stock rules"),
        (
            "ashop stock rules list",
            "ashop stock rules try --falls-to 40 --back-at 60 --from in_stock --to on_order --sku SLADD",
            "ashop stock rules add --falls-to 40 --back-at 60 --from in_stock --to on_order --sku SLADD --yes",
            "ashop stock rules list",
            "ashop stock rules remove 2 --yes",
            "ashop stock rules apply",
        ),
    ),
    Scene(
        Text("En status som tas bort", "A status that is taken away"),
        (
            f'ashop order new --line "SLADD=1@79/25:Textilsladd 3 m" {_ANNA} --payment invoice',
            "ashop order status 100006 reviewed",
            "ashop order status 100006 packing",
        ),
    ),
    Scene(
        Text("… och ordrarna som stod i den", "… and the orders that stood in it"),
        ("ashop flow check", "ashop flow migrate packing reviewed --yes"),
        SETTINGS,
    ),
    Scene(
        Text("Vem som får veta vad, och när", "Who is told what, and when"),
        (
            "ashop settings check",
            "ashop flow show --delivery post",
            "ashop flow check",
            "ashop order approve 100006",
            "ashop order next 100006",
            "ashop order status 100006 shipped --dry-run",
            "ashop order status 100006 shipped --no-notify",
            "ashop order explain 100006",
        ),
        SETTINGS + RULES,
    ),
    Scene(
        Text("Ett mejl som kom tillbaka", "A mail that came back"),
        ("ashop message report email retur.eml",),
        files={"retur.eml": BOUNCE},
    ),
    Scene(
        Text("Mallar med fel i", "Templates with faults in them"),
        ("ashop settings check", "ashop flow check"),
        files={
            "templates/email/shipped.sv.txt": "Paket på väg\n\nHej {{ nam }}!\n",
            "templates/sms/recieved.sv.txt": "Tack för din beställning {{ number }}!\n",
        },
    ),
)

NOT_PLAYED = frozenset({"demo", "init"})
"""`init` is how the tutorial begins; `demo` tells how fast the machine is, and `make demo` shows it."""


def session(language: str) -> str:
    """Return every scene as Markdown, each command with what it prints."""
    with stage() as player, patch("ashop_core.doctor._machine", list):
        player.run(f"ashop --lang {language} init butik")
        player.run("cd butik")
        (player.folder / "artiklar.csv").write_text(ITEMS, encoding="utf-8")
        (player.folder / "woocommerce.csv").write_text(WOO, encoding="utf-8")
        return "".join(_scene(player, language, scene) for scene in SCENES)


def _scene(player: Player, language: str, scene: Scene) -> str:
    for name, text in {**scene.files, "ashop.toml": scene.settings}.items():
        (player.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (player.folder / name).write_text(text, encoding="utf-8")
    shown, reference = [], ""
    for line in scene.lines:
        line = line.replace("{reference}", reference)
        said = player.run(shlex.join(["ashop", "--lang", language, *shlex.split(line)[1:]]))
        if "--no-place" in line:
            reference = said.split()[0]
        if " order export " in line:
            (player.folder / "kopia.jsonl").write_text(said, encoding="utf-8")
        shown.append(f"$ {line}\n{said}".rstrip())
    return f"## {scene.title.to(language)}\n\n```console\n" + "\n".join(shown) + "\n```\n\n"

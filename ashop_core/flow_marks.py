"""What a status says about itself in a picture: words for its properties, and the icons and colours they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ashop_core.models import Audience, Place, Stage, Status
from ashop_core.rule_words import Labels, rules_words, sent_rules
from ashop_core.texts import Text, joined

STAGES: Final[Mapping[Stage, Text]] = {
    Stage.CHECKOUT: Text("Kassan – syns aldrig för kunden", "Checkout – never seen by the customer"),
    Stage.OPEN: Text("öppen", "open"),
    Stage.DONE: Text("klar", "done"),
    Stage.VOID: Text("ogiltig", "void"),
}
PLACES: Final[Mapping[Place | None, Text]] = {
    Place.FREE: Text("fria", "free"),
    Place.HELD: Text("hålls", "held"),
    Place.GONE: Text("borta", "gone"),
    None: Text("per kolli", "by parcel"),
}
LEGEND: Final = (
    ("checkout", Text("kassan", "checkout")),
    ("open", Text("öppen", "open")),
    ("done", Text("klar", "done")),
    ("void", Text("ogiltig", "void")),
    ("final", Text("kan vara sista steget", "may be the last step")),
    ("back", Text("steg tillbaka", "step back")),
    ("eye", Text("vad kunden ser", "what the customer sees")),
    ("closed", Text("dold för kunden", "hidden from the customer")),
    ("letter", Text("meddelar kunden", "tells the customer")),
    ("desk", Text("meddelar personalen", "tells staff")),
    ("pen", Text("frågar efter (* krävs)", "asks for (* required)")),
    ("shield", Text("måste vara", "must be")),
    ("held", Text("varorna: fria, hålls för ordern, borta", "the goods: free, held for the order, gone")),
)  # fmt: skip
ICONS: Final = {
    "eye": '<path d="M1 8Q8 1 15 8Q8 15 1 8Z"/><circle cx="8" cy="8" r="2.2"/>',
    "closed": '<path d="M1 8Q8 1 15 8Q8 15 1 8Z"/><path d="M2.5 13.5 13.5 2.5"/>',
    "letter": '<path d="M1.5 3.5H14.5V12.5H1.5Z"/><path d="M1.5 4 8 9 14.5 4"/>',
    "desk": '<circle cx="8" cy="5" r="3"/><path d="M2 14.5Q2 9.5 8 9.5Q14 9.5 14 14.5Z"/>',
    "pen": '<path d="M2 14 3 10.5 11 2.5 13.5 5 5.5 13Z"/><path d="M9.5 4 12 6.5"/>',
    "shield": '<path d="M8 1.5 14 3.5V8Q14 12.5 8 14.5Q2 12.5 2 8V3.5Z"/><path d="M5 8 7.2 10.2 11.2 5.8"/>',
}
"""Drawn here, on 16 by 16."""

_Pairs = Mapping[str, tuple[str, str]]
_LIGHT = {
    "paper": "#ffffff", "words": "#1c2530", "soft": "#586574", "rule": "#d5dbe2", "line": "#5c6b7c", "back": "#a2590b",
    "hidden": "#f4f5f7", "dashes": "#9aa4b0",
}  # fmt: skip
_LIGHT_PAIRS: Final[_Pairs] = {
    "checkout": ("#ffffff", "#8b95a1"), "open": ("#e9f2fe", "#2b6cb8"), "done": ("#e5f6ea", "#26814a"),
    "void": ("#fdeceb", "#b5433f"), "free": ("#eceff3", "#46525f"), "held": ("#fdf0d0", "#7a5200"),
    "gone": ("#d9efe0", "#1c6339"), "own": ("#ece6fa", "#5b3fa0"),
}  # fmt: skip
"""What is filled with which colour, and the colour of its outline or of the words on it."""
_DARK = {
    "paper": "#14191f", "words": "#eef2f6", "soft": "#a8b4c1", "rule": "#333d48", "line": "#94a3b3", "back": "#e5a04f",
    "hidden": "#1b2128", "dashes": "#5d6a78",
}  # fmt: skip
_DARK_PAIRS: Final[_Pairs] = {
    "checkout": ("#20272f", "#75828f"), "open": ("#152b45", "#6aa8ea"), "done": ("#12321f", "#5cbd80"),
    "void": ("#3a1a1a", "#e58480"), "free": ("#2a323b", "#c3ccd6"), "held": ("#413208", "#f2cf7d"),
    "gone": ("#164228", "#9fdcb5"), "own": ("#33265a", "#cdbcf7"),
}  # fmt: skip


def marks_of(status: Status, labels: Labels) -> Iterator[tuple[str, Text]]:
    """Yield an icon's name and words for each property that people should see at once."""
    if status.visible and status.customer_label is not None:
        yield "eye", status.customer_label
    elif status.stage is not Stage.CHECKOUT:
        yield "closed", Text("dold för kunden", "hidden from the customer")
    for audience, words in rules_words(status, sent_rules(status), labels):
        yield "desk" if audience is Audience.STAFF else "letter", words
    asked = [
        Text(f"{f.label.sv}{'*' * f.required}", f"{f.label.en}{'*' * f.required}") for f in status.fields
    ]
    asked += [Text("orsak*", "reason*")] if status.reason_required else []
    if asked:
        yield "pen", joined(asked)
    demanded = [Text("godkänd", "approved")] if status.must_be_approved else []
    demanded += [Text("betald", "paid")] if status.must_be_paid else []
    if demanded:
        yield "shield", joined(demanded)


def _style(c: Mapping[str, str], pairs: _Pairs) -> str:
    rules = [
        f".ashop-flow .paper{{fill:{c['paper']};stroke:{c['rule']}}}",
        f".ashop-flow .title,.ashop-flow .label{{fill:{c['words']}}}",
        f".ashop-flow .mark{{fill:{c['words']}}}.ashop-flow .code,.ashop-flow .legend{{fill:{c['soft']}}}",
        f".ashop-flow .icon{{stroke:{c['soft']}}}.ashop-flow .rule{{stroke:{c['rule']}}}",
        f".ashop-flow .step{{stroke:{c['line']}}}.ashop-flow .step-head{{fill:{c['line']}}}",
        f".ashop-flow .back{{stroke:{c['back']}}}.ashop-flow .back-head{{fill:{c['back']}}}",
        f".ashop-flow .hidden-part{{fill:{c['hidden']};stroke:{c['dashes']}}}",
        f".ashop-flow .hidden-title,.ashop-flow .checkout .label{{fill:{c['soft']}}}",
    ]
    for stage in Stage:
        fill, stroke = pairs[stage.value]
        rules.append(f".ashop-flow .{stage.value} .box{{fill:{fill};stroke:{stroke}}}")
        rules.append(f".ashop-flow .{stage.value} .inner{{stroke:{stroke}}}")
    for place in ("free", "held", "gone", "own"):
        fill, words = pairs[place]
        rules.append(
            f".ashop-flow .pill.{place}{{fill:{fill}}}.ashop-flow .pill-words.{place}{{fill:{words}}}"
        )
    return "".join(rules)


STYLE: Final = (
    '.ashop-flow text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}'
    ".ashop-flow .title{font-size:20px;font-weight:700}.ashop-flow .label{font-size:15px;font-weight:650}"
    ".ashop-flow .mark{font-size:12px}.ashop-flow .hidden-title{font-size:12px;font-weight:600}"
    ".ashop-flow .code{font-size:11px;font-family:ui-monospace,Menlo,Consolas,monospace}"
    ".ashop-flow .pill-words{font-size:11px;font-weight:600;text-anchor:middle}"
    ".ashop-flow .icon{fill:none;stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round}"
    ".ashop-flow .box{stroke-width:1.6}.ashop-flow .inner{fill:none;stroke-width:1}"
    ".ashop-flow .step,.ashop-flow .back{fill:none;stroke-width:1.7}.ashop-flow .back{stroke-dasharray:6 4}"
    ".ashop-flow .unseen .box,.ashop-flow .checkout .box,.ashop-flow .hidden-part{stroke-dasharray:5 4}"
    f"{_style(_LIGHT, _LIGHT_PAIRS)}@media (prefers-color-scheme:dark){{{_style(_DARK, _DARK_PAIRS)}}}"
)

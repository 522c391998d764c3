"""How the picture of a simulation looks, by day and by night."""

from __future__ import annotations

from collections.abc import Mapping

_LIGHT = {
    "paper": "#ffffff", "words": "#1c2530", "soft": "#586574", "rule": "#dde2e8", "now": "#9aa6b3",
    "tried": "#2b6cb8", "below": "#fdeceb", "zero": "#b5433f",
}  # fmt: skip
_DARK = {
    "paper": "#14191f", "words": "#eef2f6", "soft": "#a8b4c1", "rule": "#333d48", "now": "#75828f",
    "tried": "#6aa8ea", "below": "#3a1a1a", "zero": "#e58480",
}  # fmt: skip


def _style(c: Mapping[str, str]) -> str:
    return "".join(
        f".ashop-simulation {rule}"
        for rule in (
            f".paper{{fill:{c['paper']};stroke:{c['rule']}}}",
            f"text{{fill:{c['soft']}}}",
            f".title,.ashop-simulation .head,.ashop-simulation .figure{{fill:{c['words']}}}",
            f".rule{{stroke:{c['rule']}}}",
            f".zero{{stroke:{c['zero']}}}",
            f".below{{fill:{c['below']}}}",
            f".bar.now{{fill:{c['now']}}}",
            f".bar.tried{{fill:{c['tried']}}}",
            f".line.now{{stroke:{c['now']}}}",
            f".line.tried{{stroke:{c['tried']}}}",
        )
    )


STYLE = (
    ".ashop-simulation text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}"
    ".ashop-simulation .title{font-size:20px;font-weight:700}.ashop-simulation .head{font-size:14px;font-weight:650}"
    ".ashop-simulation .axis{font-size:11px}.ashop-simulation .end{text-anchor:end}"
    ".ashop-simulation .middle{text-anchor:middle}.ashop-simulation .figure{font-weight:600}"
    ".ashop-simulation .line{fill:none;stroke-width:1.8;stroke-linejoin:round}"
    ".ashop-simulation .line.now{stroke-dasharray:5 3}.ashop-simulation .zero{stroke-width:1}"
    f"{_style(_LIGHT)}@media (prefers-color-scheme:dark){{{_style(_DARK)}}}"
)

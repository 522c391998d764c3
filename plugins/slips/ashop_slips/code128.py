"""Code 128 (ISO/IEC 15417) as inline SVG: order numbers for the scanner at the packing table."""

from __future__ import annotations

from collections.abc import Iterator

# The widths of three bars and three spaces, eleven modules together, for the values 0 to 105; then the stop.
_TABLE = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232
"""
_WIDTHS = _TABLE.split()
_STOP = "2331112"
_START_B, _START_C = 104, 105
_MODULUS = 103
_QUIET = 10
_MODULE_MM = 0.4
_HEIGHT_MM = 14


def values(text: str) -> list[int]:
    """Return the symbol's values, start and check value included, the stop not.

    An even number of digits is packed two in one (set C); other text needs set B. Raises ValueError for a
    character that set B does not have.
    """
    if not text or not all(" " <= character <= "~" for character in text):
        raise ValueError(f"Code 128, set B, has no way to write {text!r}")
    if text.isdigit() and len(text) % 2 == 0:
        body = [_START_C, *(int(text[n : n + 2]) for n in range(0, len(text), 2))]
    else:
        body = [_START_B, *(ord(character) - ord(" ") for character in text)]
    weighed = body[0] + sum(place * value for place, value in enumerate(body))
    return [*body, weighed % _MODULUS]


def barcode(text: str) -> str:
    """Return a barcode as an SVG element, quiet zones included, for printing at its own size."""
    widths = "".join(_WIDTHS[value] for value in values(text)) + _STOP
    modules = sum(map(int, widths)) + 2 * _QUIET
    bars = "".join(f"M{x} 0h{width}v1h-{width}z" for x, width in _bars(widths))
    return (
        f'<svg class="barcode" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {modules} 1" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges" '
        f'style="width:{modules * _MODULE_MM:.1f}mm;height:{_HEIGHT_MM}mm"><path d="{bars}"/></svg>'
    )


def _bars(widths: str) -> Iterator[tuple[int, int]]:
    """Yield where each bar begins and how wide it is; bars and spaces take turns."""
    x = _QUIET
    for place, width in enumerate(map(int, widths)):
        if place % 2 == 0:
            yield x, width
        x += width

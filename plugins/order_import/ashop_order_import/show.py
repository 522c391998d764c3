"""The report of an import as people read it."""

from __future__ import annotations

from pathlib import Path

from ashop_core.cli.language import say
from ashop_core.cli.output import Column, heading, note, show_list, show_pairs
from ashop_core.texts import Text, same
from ashop_order_import.found import ReadOptions, RefusedRow
from ashop_order_import.report import REASONS, REMARKS, Count, Report

_DELIMITERS = {
    ",": Text("kommatecken", "commas"),
    ";": Text("semikolon", "semicolons"),
    "\t": Text("tabbar", "tabs"),
}
_WHAT = {
    "delivery": Text("leveranssättet", "the delivery method"),
    "payment": Text("betalsättet", "the payment method"),
}
_COLUMNS: tuple[Column[RefusedRow], ...] = (
    Column("row", Text("Rad", "Row"), lambda r: r.number, right=True),
    Column("order", Text("Order", "Order"), lambda r: r.order),
    Column("reason", Text("Orsak", "Reason"), lambda r: say(r.reason.text)),
)


def show_report(report: Report, reading: ReadOptions, report_to: Path | None) -> None:
    """Print what became of a file's rows; warnings go to standard error."""
    delimiter = _DELIMITERS.get(report.delimiter)
    words = ", ".join(say(word) for word in (same(report.encoding), delimiter) if word)
    heading(f"{report.file}: {report.label} ({words})")
    _show_assumptions(report, reading)
    show_pairs(_counts(report))
    if report.reasons:
        heading(Text("Nekade rader", "Refused rows"))
        show_pairs((REASONS.get(code, same(code)), str(n)) for code, n in report.reasons.most_common())
        _show_first(report, report_to)
    _show_names(report)
    if report.remarks:
        heading(Text("Ordrar att titta närmare på", "Orders to look at"))
        show_pairs((REMARKS.get(code, same(code)), str(n)) for code, n in report.remarks.most_common())
    _show_end(report)


def _show_assumptions(report: Report, reading: ReadOptions) -> None:
    if report.encoding == "cp1252":
        note(Text(
            "Filen är inte UTF-8; den är läst som Windows-1252. Blev å, ä eller ö fel: ange --encoding.",
            "The file is not UTF-8; it was read as Windows-1252. If letters came out wrong, give --encoding.",
        ))  # fmt: skip
    if report.format == "online_retail":
        note(Text(
            "Belopp är tagna som {c} och tider som {z}; ändra med --currency och --timezone.",
            "Amounts were taken as {c} and times as {z}; change that with --currency and --timezone.",
        ).fill(c=reading.currency, z=reading.timezone))  # fmt: skip


def _counts(report: Report) -> list[tuple[Text | str, str]]:
    taken = Text("skulle läsas in", "would be imported") if report.dry_run else Text("inlästa", "imported")
    return [
        (Text("rader lästa", "rows read"), str(report.rows_read)),
        (taken, _count(report.imported)),
        (Text("fanns redan", "already here"), _count(report.here)),
        (Text("nekade", "refused"), str(report.refused)),
    ]


def _count(count: Count) -> str:
    return say(Text("{r} i {o} ordrar", "{r} in {o} orders").fill(r=count.rows, o=count.orders))


def _show_first(report: Report, report_to: Path | None) -> None:
    heading(Text("De första", "The first") if report.refused > len(report.first) else Text("Alla", "All"))
    show_list(_COLUMNS, report.first)
    if report_to is not None:
        note(Text("Alla nekade rader står i {f}.", "All refused rows are in {f}.").fill(f=report_to))
    elif report.refused > len(report.first):
        note(Text("Alla nekade rader: --report nekade.csv", "All refused rows: --report refused.csv"))


def _show_names(report: Report) -> None:
    if report.unmapped:
        heading(Text("Statusar utan motsvarighet", "Statuses without a counterpart"))
        how = Text('{n} ordrar: --status "{s}=kod"', '{n} orders: --status "{s}=code"')
        show_pairs((name, say(how.fill(n=n, s=name))) for name, n in report.unmapped.most_common())
    if report.assumed:
        heading(
            Text("Namn utan motsvarighet fick standardsättet", "Names without a counterpart got the default")
        )
        show_pairs((say(_WHAT[what]), f"{name} ({n})") for (what, name), n in report.assumed.most_common())
        note(Text(
            "Ändra med [plugins.order_import.delivery] och [plugins.order_import.payment] i ashop.toml.",
            "Change that with [plugins.order_import.delivery] and [plugins.order_import.payment] in ashop.toml.",
        ))  # fmt: skip


def _show_end(report: Report) -> None:
    if report.broken_off:
        note(Text(
            "Filen gick inte att läsa till slutet. Rätta den och läs in den igen: det som finns rörs inte.",
            "The file could not be read to its end. Mend it and import it again: what is here is left alone.",
        ))  # fmt: skip
    if report.strict and report.refused and report.imported.orders and not report.dry_run:
        note(Text(
            "En insticksmodul sade nej; {n} ordrar hann läsas in före den.",
            "A plugin said no; {n} orders had been imported before that.",
        ).fill(n=report.imported.orders))  # fmt: skip
    elif report.strict and report.refused:
        note(Text(
            "Ingenting är inläst: med --strict nekas hela filen när en rad nekas.",
            "Nothing was imported: with --strict the whole file is refused when a row is.",
        ))  # fmt: skip
    elif report.dry_run:
        note(Text("Ingenting är ändrat (--dry-run).", "Nothing was changed (--dry-run)."))

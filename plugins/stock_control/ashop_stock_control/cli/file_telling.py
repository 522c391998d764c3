"""How an import of items is told: what was found, what the figures were taken for, what became of each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import say
from ashop_core.cli.output import (
    CSV,
    JSON,
    PEOPLE,
    Column,
    clean,
    note,
    show_list,
    show_pairs,
    when,
    write_json,
)  # fmt: skip
from ashop_core.clock import from_iso
from ashop_core.texts import Text, counted, joined, same
from ashop_stock_control.cli.telling import settings_of, tell_dry
from ashop_stock_control.files.csv_file import FileRead
from ashop_stock_control.files.importing import FileReport, RowTold, What
from ashop_stock_control.new_items import Mode

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.settings import StockSettings

SHOWN = 20
FEW = 6

_WHAT = {
    What.NEW: Text("ny", "new"),
    What.CHANGED: Text("ändrad", "changed"),
    What.UNCHANGED: Text("oförändrad", "unchanged"),
    What.SKIPPED: Text("förbigången", "skipped"),
    What.BAD: Text("fel", "wrong"),
}
_COUNTS = {
    What.NEW: Text("{n} nya", "{n} new"),
    What.CHANGED: Text("{n} ändrade", "{n} changed"),
    What.UNCHANGED: Text("{n} oförändrade", "{n} unchanged"),
    What.SKIPPED: Text("{n} förbigångna", "{n} skipped"),
    What.BAD: Text("{n} felaktiga", "{n} wrong"),
}
_ALWAYS = (What.NEW, What.CHANGED, What.UNCHANGED)
_FIELDS = {
    "name": Text("namn", "name"),
    "status": Text("lagerstatus", "stock status"),
    "balance": Text("saldo", "balance"),
    "on_hand": Text("på hyllan", "on hand"),
    "group": Text("grupp", "group"),
    "policy": same("policy"),
    "margin": Text("säkerhetsmarginal", "safety margin"),
    "low": Text("varning vid saldo", "warning at balance"),
    "pinned": Text("låst lagerstatus", "pinned stock status"),
    "counted_at": Text("räknad", "counted"),
}


def _columns(settings: StockSettings) -> list[Column[RowTold]]:
    return [
        Column[RowTold]("row", Text("Rad", "Row"), lambda r: r.number, right=True),
        Column[RowTold]("sku", Text("Artikel", "SKU"), lambda r: r.sku),
        Column[RowTold]("what", Text("Blev", "Became"), lambda r: r.what.value, lambda r: say(_WHAT[r.what])),
        Column[RowTold](
            "changes",
            Text("Vad", "What"),
            lambda r: {name: [old, new] for name, old, new in r.changes},
            lambda r: say(_words(r, settings)),
            lambda r: "; ".join(f"{name}: {_shown(old)} → {_shown(new)}" for name, old, new in r.changes),
        ),
        Column[RowTold]("why", Text("Varför", "Why"), lambda r: r.why and say(r.why), only="machines"),
    ]


def tell_import(shop: Shop, report: FileReport, form: str, *, missing: bool, every: bool) -> None:
    """Print a report: as people read it, as one JSON document, or the rows as CSV."""
    columns = _columns(settings_of(shop))
    if form == JSON:
        write_json(_document(report, columns, missing))
    elif form == CSV:
        show_list(columns, report.rows, CSV)
    else:
        _tell(report, columns, missing, every)
    if not report.refused:
        tell_dry(report.how.dry_run)


def refusal(report: FileReport) -> Text:
    """Return what is said of a file that was refused for its bad rows: the first of them, and the remedy."""
    bad = report.of(What.BAD)
    rows = counted(
        len(bad),
        Text("1 rad är fel, inget är ändrat", "1 row is wrong, nothing was changed"),
        Text("{n} rader är fel, inget är ändrat", "{n} rows are wrong, nothing was changed"),
    )
    head = Text("{file}: {rows}", "{file}: {rows}").fill(file=report.file.path.name, rows=rows)
    faults = [
        Text("rad {n}: {why}", "row {n}: {why}").fill(n=row.number, why=row.why or "") for row in bad[:SHOWN]
    ]
    remedies = [] if report.file.broken_off else [_REMEDY]
    return joined([head, *faults, *remedies], "\n")


_REMEDY = Text(
    "Rätta raderna, eller läs in de andra med --skip-bad.",
    "Mend the rows, or import the others with --skip-bad.",
)


def _tell(report: FileReport, columns: list[Column[RowTold]], missing: bool, every: bool) -> None:
    file = report.file
    click.echo(clean(f"{file.path.name}: {file.format.label} ({file.encoding.removesuffix('-sig').upper()})"))
    show_pairs(
        [
            (Text("siffrorna", "figures"), say(figures(file, report.how.mode))),
            (Text("platser", "locations"), _few(file.locations)),
            (Text("används inte", "not used"), _few(file.unused)),
        ]
    )
    if not report.refused or report.how.dry_run:
        counts = report.counts
        shown = [what for what in What if counts[what] or what in _ALWAYS]
        click.echo(say(joined([_COUNTS[what].fill(n=counts[what]) for what in shown], ", ")))
        _tell_rows(report, columns, every)
    if file.encoding == "cp1252":
        note(
            Text(
                "Filen är inte UTF-8; den är läst som Windows-1252. Blev å, ä eller ö fel: ange --encoding.",
                "The file is not UTF-8; it was read as Windows-1252. If letters came out wrong, give --encoding.",
            )
        )
    _tell_missing(report, missing)


def _few(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    if len(names) <= FEW:
        return ", ".join(names)
    more = Text("{names} och {n} till", "{names} and {n} more")
    return say(more.fill(names=", ".join(names[:FEW]), n=len(names) - FEW))


def _tell_rows(report: FileReport, columns: list[Column[RowTold]], every: bool) -> None:
    rows = [row for row in report.rows if every or row.what not in (What.UNCHANGED, What.SKIPPED)]
    if report.refused:
        rows = [row for row in rows if row.what is not What.BAD]  # these are told with the refusal
    show_list(columns, rows if every else rows[:SHOWN], PEOPLE)
    if not every and len(rows) > SHOWN:
        more = Text("{n} rader till: --all, --csv eller --json", "{n} more rows: --all, --csv or --json")
        one = Text("1 rad till: --all, --csv eller --json", "1 more row: --all, --csv or --json")
        note(counted(len(rows) - SHOWN, one, more))


def _tell_missing(report: FileReport, listed: bool) -> None:
    if not report.missing or report.refused:
        return
    if listed:
        words = Text("I lagret men inte i filen: {skus}", "In the stock but not in the file: {skus}")
        click.echo(clean(say(words.fill(skus=", ".join(report.missing)))))
        return
    note(
        counted(
            len(report.missing),
            Text(
                "1 artikel i lagret står inte i filen; den är som förut (--missing visar den).",
                "1 item in the stock is not in the file; it is as before (--missing shows it).",
            ),
            Text(
                "{n} artiklar i lagret står inte i filen; de är som förut (--missing listar dem).",
                "{n} items in the stock are not in the file; they are as before (--missing lists them).",
            ),
        )
    )


def figures(file: FileRead, mode: Mode) -> Text:
    """Return which column the figures come from, what they are taken for, and what is done with them."""
    columns = file.columns
    order = ("on_hand", "balance") if mode is Mode.COUNT else ("balance", "on_hand")
    found = [column for column in order if column in columns]
    if not found:
        return Text("inga: inget saldo ändras", "none: no balance is changed")
    words = _COUNTED if mode is Mode.COUNT else _MEANT[found[0]]
    told = words.fill(column=columns[found[0]])
    if "on_hand_new" in columns:
        new = _NEW.fill(column=columns["on_hand_new"])
        return Text(f"{told.sv}; {new.sv}", f"{told.en}; {new.en}")
    return told


_COUNTED = Text(
    "”{column}” är vad som räknades på hyllan, hållna varor medräknade; hyllan blir det",
    "“{column}” is what was counted on the shelf, held goods included; the shelf becomes that",
)
_MEANT = {
    "balance": Text(
        "”{column}” är saldot, det som kan säljas; saldot blir det genom en justering",
        "“{column}” is the balance, what may still be sold; the balance becomes that by an adjustment",
    ),
    "on_hand": Text(
        "”{column}” är vad som ligger på hyllan, hållna varor medräknade; hyllan blir det genom en justering",
        "“{column}” is what lies on the shelf, held goods included; the shelf becomes that by an adjustment",
    ),
}
_NEW = Text(
    "där ”{column}” är ifyllt och ett annat är det hyllan",
    "where “{column}” is filled in and differs it is the shelf",
)


def _words(row: RowTold, settings: StockSettings) -> Text:
    return row.why or joined([_change(*change, settings) for change in row.changes], ", ")


def _change(name: str, old: Any, new: Any, settings: StockSettings) -> Text:
    before, after = (_read(name, value, settings) for value in (old, new))
    label = _FIELDS[name]
    if before == _NOTHING:
        return Text(f"{label.sv} {after.sv}", f"{label.en} {after.en}")
    return Text(f"{label.sv} {before.sv} → {after.sv}", f"{label.en} {before.en} → {after.en}")


def _read(name: str, value: Any, settings: StockSettings) -> Text:
    """Return how people read a field's value."""
    if name == "status" and value is not None:
        return settings.label(value)
    if isinstance(value, bool):
        return Text("ja", "yes") if value else Text("nej", "no")
    if name == "counted_at" and value is not None:
        return same(when(from_iso(value)))
    return _NOTHING if value is None or value == "" else same(str(value))


_NOTHING = same("–")


def _shown(value: Any) -> str:
    return "–" if value is None or value == "" else str(value)


def _document(report: FileReport, columns: list[Column[RowTold]], missing: bool) -> dict[str, Any]:
    file, how, counts = report.file, report.how, report.counts
    return {
        "file": file.path.name,
        "format": file.format.code,
        "encoding": file.encoding,
        "mode": how.mode.value,
        "figures": say(figures(file, how.mode)),
        "locations": list(file.locations),
        "unused_columns": list(file.unused),
        "dry_run": how.dry_run,
        "refused": report.refused,
        **{what.value: counts[what] for what in What},
        "missing": len(report.missing),
        **({"missing_skus": report.missing} if missing else {}),
        "rows": [{c.code: c.value(row) for c in columns} for row in report.rows],
    }

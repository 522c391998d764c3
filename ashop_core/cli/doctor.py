"""`ashop doctor`: machine, settings, plugins, database and invariants, whether the shop opens or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import command, current_session, option, usage_error
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.language import say
from ashop_core.cli.output import JSON, clean, json_option, note, stamp, write_json
from ashop_core.doctor import examination
from ashop_core.errors import AshopError
from ashop_core.finding import Finding
from ashop_core.texts import Text, counted

if TYPE_CHECKING:
    from ashop_core.cli.session import Session
    from ashop_core.messages import Backlog
    from ashop_core.queue_health import QueueHealth
    from ashop_core.repairing import Mended


@command(
    epilog=Text(
        "Exempel:\n  ashop doctor\n  ashop doctor --fix --dry-run\n  ashop doctor --fix",
        "Examples:\n  ashop doctor\n  ashop doctor --fix --dry-run\n  ashop doctor --fix",
    ),
    anyhow=True,
)
@option(
    "--fix",
    is_flag=True,
    help=Text(
        "Rätta det som går, säg vad som gjordes och undersök igen.",
        "Mend what can be mended, tell what was done, and examine again.",
    ),
)
@dry_run_option
@json_option
def doctor(fix: bool, dry_run: bool, form: str) -> None:
    """Examine the shop. The exit code is 1 if anything is wrong, 0 if something is only worth knowing."""
    if dry_run and not fix:
        usage_error(Text("--dry-run hör ihop med --fix", "--dry-run goes with --fix"))
    session = current_session()
    found, queue = _examined(session)
    left = found
    mended: list[Mended] = []
    if fix:
        mended = _mended(session, found, dry_run)
        if mended and not dry_run:
            left, queue = _examined(session)
    if form == JSON:
        repairs = _repairs(mended, left, dry_run) if fix else {}
        write_json(
            {"found": list(map(_document, found)), **repairs, "queue": queue and queue_document(queue)}
        )
    else:
        _tell(found)
        if fix:
            _tell_mended(found, mended, left, dry_run)
    if any(finding.serious for finding in left):
        click.get_current_context().exit(1)


def _examined(session: Session) -> tuple[list[Finding], QueueHealth | None]:
    examined = examination(session.folder, session.clock)
    findings = examined.findings
    told = "\n".join(f.text.en for f in findings)
    for fault in session.faults:
        if fault.plugin not in told:
            findings.append(Finding(code="commands", text=fault.text, plugin=fault.plugin))
    return findings, examined.queue


def _mended(session: Session, found: list[Finding], dry_run: bool) -> list[Mended]:
    from ashop_core.repairing import mend

    try:
        return list(mend(session.shop, found, dry_run=dry_run))
    except AshopError:  # why it cannot be opened is among what was found
        note(
            Text(
                "Butiken går inte att öppna: inget rättades.",
                "The shop cannot be opened: nothing was mended.",
            )
        )
        return []
    finally:
        session.close()  # so that the second look is at the file, as the next command would see it


# ── For people ───────────────────────────────────────────────────────────────────────────────────


def _tell(findings: Iterable[Finding], *, remedies: bool = False) -> None:
    for finding in findings:
        mark = Text("FEL ", "FAULT") if finding.serious else Text("obs ", "note ")
        click.echo(f"{say(mark)}  {clean(say(finding.text), lines=True)}")
        if remedies and finding.serious and finding.remedy is not None:
            click.echo(f"       {clean(say(finding.remedy), lines=True)}")
    if not findings:
        click.echo(say(Text("Butiken mår bra.", "The shop is well.")))


def _tell_mended(found: list[Finding], mended: list[Mended], left: list[Finding], dry_run: bool) -> None:
    for each in mended:
        click.echo(f"\n{each.plugin}: {clean(say(each.text))}")
        for words in each.done:
            click.echo(f"  {clean(say(words))}")
        if not each.done and each.fault is None:
            click.echo(f"  {say(Text('inget mer att göra', 'nothing more to do'))}")
        if each.fault is not None:
            click.echo(f"  {say(Text('FEL', 'FAULT'))}  {clean(say(each.fault), lines=True)}")
    click.echo()
    serious = [finding for finding in left if finding.serious]
    if not any(finding.serious for finding in found):
        click.echo(say(Text("Det finns inget att rätta.", "There is nothing to mend.")))
    elif dry_run:
        click.echo(say(_would(sum(len(each.done) for each in mended))))
    elif not serious:
        click.echo(say(Text("Undersökt igen: allt är rättat.", "Examined again: everything is mended.")))
    else:
        heads = (
            Text("Undersökt igen, ett fel är kvar:", "Examined again, one fault is left:"),
            Text("Undersökt igen, {n} fel är kvar:", "Examined again, {n} faults are left:"),
        )
        click.echo(say(counted(len(serious), *heads)))
        _tell(serious, remedies=True)


def _would(n: int) -> Text:
    if not n:
        return Text("Inget av det går att rätta med --fix.", "Nothing of this can be mended by --fix.")
    return counted(
        n,
        Text("En rättning skulle göras. Inget ändrades.", "One thing would be mended. Nothing was changed."),
        Text(
            "{n} rättningar skulle göras. Inget ändrades.", "{n} things would be mended. Nothing was changed."
        ),
    )


# ── For machines ─────────────────────────────────────────────────────────────────────────────────


def _repairs(mended: list[Mended], left: list[Finding], dry_run: bool) -> dict[str, Any]:
    repairs = [{"plugin": m.plugin, "text": m.text, "done": list(m.done), "fault": m.fault} for m in mended]
    return {"dry_run": dry_run, "repairs": repairs, "left": list(map(_document, left))}


def _document(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "serious": finding.serious, "text": finding.text}


def queue_document(health: QueueHealth) -> dict[str, Any]:
    """Return the outbox in figures, for whatever watches over the shop."""
    age = health.oldest_age
    return {
        "at": stamp(health.at),
        "unsent": health.due.count,
        "oldest_unsent": stamp(health.due.oldest),
        "oldest_unsent_seconds": None if age is None else int(age.total_seconds()),
        "over_an_hour": health.late.count,
        "waiting": dict(health.waiting),
        "jobs": health.jobs,
        "dead": _backlog(health.dead),
        "failed": _backlog(health.failed),
        "too_old": health.too_old,
        "stopped": health.stopped,
        "lanes": [
            {
                "channel": lane.channel, "domain": lane.domain or None, "since": stamp(lane.since),
                "resume_at": stamp(lane.resume_at), "failures": lane.failures, "why": lane.said,
            }
            for lane in health.lanes
        ],
        "held_since": stamp(health.held.since) if health.held is not None else None,
    }  # fmt: skip


def _backlog(backlog: Backlog) -> dict[str, Any]:
    return {"count": backlog.count, "oldest": stamp(backlog.oldest)}

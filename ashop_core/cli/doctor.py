"""`ashop doctor`: machine, settings, plugins, database and invariants, whether the shop opens or not."""

from __future__ import annotations

import click

from ashop_core.cli.app import command, current_session
from ashop_core.cli.language import say
from ashop_core.cli.output import JSON, clean, json_option, write_json_array
from ashop_core.doctor import Finding, examine
from ashop_core.texts import Text


@command(anyhow=True)
@json_option
def doctor(form: str) -> None:
    """Examine the shop. The exit code is 1 if anything is wrong, 0 if something is only worth knowing."""
    session = current_session()
    findings = examine(session.folder)
    told = "\n".join(f.text.en for f in findings)
    for fault in session.faults:
        if fault.plugin not in told:
            findings.append(Finding(code="commands", text=fault.text))
    if form == JSON:
        write_json_array({"code": f.code, "serious": f.serious, "text": f.text} for f in findings)
    else:
        for finding in findings:
            mark = Text("FEL ", "FAULT") if finding.serious else Text("obs ", "note ")
            click.echo(f"{say(mark)}  {clean(say(finding.text), lines=True)}")
        if not findings:
            click.echo(say(Text("Butiken mår bra.", "The shop is well.")))
    if any(finding.serious for finding in findings):
        click.get_current_context().exit(1)

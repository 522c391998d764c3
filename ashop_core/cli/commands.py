"""The commands that ship, with one sentence each: name, where it is, help, and whether it runs anyhow.

Listed in the order that help shows them. Modules are imported when a command is used. "Anyhow" are those that
also work where a plugin of the shop is broken: they are how one finds out and mends it.
"""

from __future__ import annotations

from typing import NamedTuple

from ashop_core.texts import Text


class _Row(NamedTuple):
    path: str
    target: str | None
    help: Text
    anyhow: bool = False


def _row(path: str, target: str | None, sv: str, en: str, *, anyhow: bool = False) -> _Row:
    return _Row(path, f"ashop_core.cli.{target}" if target else None, Text(sv, en), anyhow)


COMMANDS: tuple[_Row, ...] = (
    _row("today", "today:today", "Vad som väntar i dag.", "What waits today."),
    _row("order", None, "Ordrar: lägga, hitta, visa, ändra.", "Orders: make, find, show, change."),
    _row("order list", "order_list:list_", "Lista ordrar, nyaste först.", "List orders, newest first."),
    _row("order counts", "order_counts:counts", "Antal ordrar per status.", "Orders of each status."),
    _row("order filters", "order_counts:filters", "Sparade filter, med antal.", "Saved filters, with counts."),
    _row("order show", "order_show:show", "Visa allt om en order.", "Show everything about an order."),
    _row("order next", "order_show:next_", "Vilka statusar en order kan få nu.", "The statuses an order may enter now."),
    _row("order status", "order_change:status", "Byt status på en eller flera ordrar.", "Change the status of orders."),
    _row("order parcel", "order_parcel:parcel", "Ange ett kolli som har skickats.", "Add a parcel that was sent."),
    _row("order payment", "order_money:payment", "Bokför en betalning eller återbetalning.", "Record a payment or refund."),
    _row("order unpaid", "order_unpaid:unpaid", "Ordrar som inte är betalda.", "Orders that are not paid."),
    _row("order approve", "order_money:approve", "Godkänn ordrar.", "Approve orders."),
    _row("order note", "order_change:note", "Skriv en anteckning för personalen.", "Write a note for staff."),
    _row("order cancel", "order_undo:cancel", "Makulera ordrar, med orsak.", "Cancel orders, with a reason."),
    _row("order undo", "order_undo:undo", "Ångra den senaste ändringen.", "Take back the last change."),
    _row("order edit", "order_edit:edit", "Rätta rader, summor eller adress.", "Correct lines, sums or address."),
    _row("order return", "order_return:return_", "Registrera en retur.", "Record a return."),
    _row("order new", "order_new:new", "Lägg en order åt en kund.", "Make an order for a customer."),
    _row("order abandoned", "order_abandoned:abandoned", "Påbörjade köp utan order.", "Checkouts that became no order."),
    _row("order followup", "order_followup:followup", "Anteckna en uppföljning.", "Record a follow-up."),
    _row("order anonymise", "order_followup:anonymise", "Avidentifiera påbörjade köp.", "Anonymise checkouts."),
    _row("order explain", "order_explain:explain", "Berätta en orders hela historia.", "Tell an order's whole story."),
    _row("order export", "order_export:export", "Skriv ordrar som JSON.", "Write orders as JSON."),
    _row("message", None, "Meddelanden till kunder.", "Messages to customers."),
    _row("message list", "message_list:list_", "Lista meddelanden, nyaste först.", "List messages, newest first."),
    _row("message show", "message_show:show", "Visa ett meddelande i sin helhet.", "Show a message in full."),
    _row("message preview", "message_preview:preview", "Läs vad en status skulle skicka.", "Read what a status would send."),
    _row("message send", "message_send:send", "Skicka meddelanden som väntar.", "Send messages that wait."),
    _row("message release", "message_hold:release", "Släpp på utskick som är pausade.", "Let what is held be sent."),
    _row("message hold", "message_hold:hold", "Pausa alla utskick.", "Hold all messages."),
    _row("message retry", "message_retry:retry", "Försök igen med det som gavs upp.", "Try again what was given up."),
    _row("message resend", "message_resend:resend", "Skicka ett meddelande en gång till.", "Send a message once more."),
    _row("message report", "message_report:report", "Läs in en studs eller rapport.", "Read in a bounce or a report."),
    _row("message mailbox", "message_mailbox:mailbox", "Lista det som skrevs i filer.", "List what was written to files."),
    _row("flow", None, "Statusar och vägarna mellan dem.", "Statuses and the ways between them."),
    _row("flow show", "flow:show", "Visa statusarna per leveranssätt.", "Show the statuses of each delivery method."),
    _row("flow migrate", "flow:migrate", "Flytta ordrar ur en borttagen status.", "Move orders out of a removed status."),
    _row("flow check", "flow:check", "Granska flödena.", "Check the flows.", anyhow=True),
    _row("plugin", None, "Insticksmoduler.", "Plugins."),
    _row("plugin list", "plugin:list_", "Lista modulerna och hur de mår.", "List them and how they are.", anyhow=True),
    _row("settings", None, "Butikens inställningar.", "The shop's settings."),
    _row("settings show", "settings:show", "Visa inställningarna, hemligheter dolda.", "Show the settings, secrets hidden."),
    _row("settings check", "settings:check", "Granska inställningarna.", "Check the settings.", anyhow=True),
    _row("work", "work:work", "Skicka det som väntar och gör tidsstyrda jobb.", "Deliver what waits and run timed jobs."),
    _row("doctor", "doctor:doctor", "Undersök butiken.", "Examine the shop.", anyhow=True),
    _row("database", None, "Butikens databas.", "The shop's database."),
    _row("database backup", "database:backup", "Skriv en säkerhetskopia.", "Write a backup."),
    _row("database restore", "database:restore", "Lägg tillbaka en säkerhetskopia.", "Put a backup back."),
    _row("init", "init:init", "Skapa en butik i en mapp.", "Make a shop in a folder.", anyhow=True),
    _row("completion", "completion:completion", "Tabbkomplettering.", "Tab completion.", anyhow=True),
)  # fmt: skip

"""What a status would send: every message word for word, and why the others would not be sent. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ashop_core.changes import StatusRequest
from ashop_core.drafts import Draft
from ashop_core.errors import NotFound, Problem, problem
from ashop_core.lifecycle import desk_of, objections, read_order
from ashop_core.models import Audience, Change, Kind, MessageRule, Order, Status
from ashop_core.rule_preview import MessagePreview, RulePreviews
from ashop_core.sample_order import made_up_order, made_up_request
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewRequest:
    """What somebody wants to see: of one order or of a made-up one, one status or all that come next.

    `channel` leaves the messages of that channel, and shows the words of one that the status has no rule for. `staff`
    leaves those to staff. `language` goes before the order's own, and before the shop's in those to staff.
    """

    order: str | int | Order | None = None
    status: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    channel: str = ""
    staff: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusPreview:
    """What entering a status would send. `obstacles` speak against entering it now; a made-up order has none."""

    order: Order
    status: Status
    made_up: bool
    obstacles: tuple[Problem, ...] = ()
    messages: tuple[MessagePreview, ...] = ()


def preview_messages(shop: Shop, request: PreviewRequest, actor: str) -> Iterator[StatusPreview]:
    """Return what each status would send, worked out one by one. Raises NotFound at once for what there is not."""
    if request.channel and request.channel not in shop.channels:
        raise _no_channel(shop, request.channel)
    order = None if request.order is None else read_order(shop, request.order, None)
    statuses = _statuses(shop, request, order)
    return (_preview(shop, request, order, status, actor) for status in statuses)


def _statuses(shop: Shop, request: PreviewRequest, order: Order | None) -> list[Status]:
    if request.status is not None:
        return [shop.flows.find_status(request.status)]
    if order is not None:
        found = shop.flows.next_statuses(order)
    else:
        found = tuple(dict.fromkeys(s for flow in shop.flows.flows for s in shop.flows.of_flow(flow)))
    return [status for status in found if any(_fits(rule, request) for rule in status.rules)]


def _fits(rule: MessageRule, request: PreviewRequest) -> bool:
    if request.channel not in ("", rule.channel):
        return False
    return rule.audience is Audience.STAFF or not request.staff


def _preview(
    shop: Shop, request: PreviewRequest, order: Order | None, status: Status, actor: str
) -> StatusPreview:
    made_up = order is None
    found = made_up_order(shop, status) if order is None else order
    if request.language:
        found = replace(found, language=request.language)
    draft, obstacles = _drafted(shop, request, found, status, actor, made_up=made_up)
    supposed = _supposed(request, status)
    rules = (*status.rules, *supposed)
    previews = RulePreviews(
        shop=shop,
        draft=draft,
        status=status,
        staff_language=request.language or shop.settings.shop.language,
        made_up=made_up,
    )
    messages = [
        message
        for rule in rules
        if _fits(rule, request)
        for message in previews.of(rule, supposed=rule in supposed)
    ]
    return StatusPreview(
        order=found, status=status, made_up=made_up, obstacles=tuple(obstacles), messages=tuple(messages)
    )


def _supposed(request: PreviewRequest, status: Status) -> tuple[MessageRule, ...]:
    """Return the rule that somebody wants to see the words of, where the status does not have it."""
    if not request.channel or any(_fits(rule, request) for rule in status.rules):
        return ()
    audience = Audience.STAFF if request.staff else Audience.CUSTOMER
    return (MessageRule(channel=request.channel, audience=audience),)


def _drafted(
    shop: Shop, request: PreviewRequest, order: Order, status: Status, actor: str, *, made_up: bool
) -> tuple[Draft, list[Problem]]:
    """Return the change as it would be worked out, and what speaks against it."""
    desk = desk_of(shop, actor)
    if made_up:
        ask = made_up_request(shop, status)
        ask = replace(ask, fields={**ask.fields, **request.fields})
    else:
        reason = "–" if status.reason_required else ""
        ask = StatusRequest(to=status.code, fields=request.fields, reason=reason, notify=True)
    draft = ask.draft(order, desk)
    if draft is None or not draft.change.enters:
        return _again(order, status, desk.at, actor), [] if made_up else [_already(order, status)]
    if draft.after.number is None and draft.change.places:
        draft.after = replace(draft.after, number=shop.settings.shop.first_order_number)
    known = [p for p in draft.problems if p.code in ("unknown_field", "bad_field")]
    return draft, known if made_up else draft.problems + objections(shop, draft)


def _again(order: Order, status: Status, at: datetime, actor: str) -> Draft:
    """Return the change that would bring an order anew to the status that it has, with the fields that it has."""
    fields = {f.code: order.fields[f.code] for f in status.fields if f.code in order.fields}
    change = Change(
        kind=Kind.STATUS, seq=order.version + 1, from_status=None, to_status=status.code, at=at, actor=actor,
        fields=fields, notify=True,
    )  # fmt: skip
    return Draft(change=change, after=order)


def _already(order: Order, status: Status) -> Problem:
    return problem(
        "already",
        "{order} har redan statusen {status}",
        "{order} already has the status {status}",
        order=order.name,
        status=status.label,
    )


def _no_channel(shop: Shop, channel: str) -> NotFound:
    known = ", ".join(shop.channels) or "–"
    words = Text(
        "det finns ingen kanal ”{channel}”; butiken har: {known}",
        "there is no channel “{channel}”; the shop has: {known}",
    )
    return NotFound(words.fill(channel=channel, known=known))

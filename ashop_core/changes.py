"""What can be asked of an order, each as a request class: no database, no clock, no plugin.

A request's `draft` gives the change, the order as it would stand after it, and the core's own reasons
against it. None means that nothing would change. `Shop.change` makes any of them, `Shop.preview` tells
what it would do.
"""

from __future__ import annotations

from ashop_core.amending import AmendRequest, LineEdit
from ashop_core.cancelling import CancelRequest
from ashop_core.details import DetailsRequest
from ashop_core.drafts import LONGEST_NOTE, Desk, Draft, Request
from ashop_core.records import (
    AnonymiseRequest,
    ApprovalRequest,
    FollowUpRequest,
    NoteRequest,
    PaymentRequest,
    ReminderRequest,
)
from ashop_core.returning import ReturnRequest
from ashop_core.status_change import ParcelRequest, PlaceRequest, StatusRequest
from ashop_core.undoing import UndoRequest

__all__ = [
    "LONGEST_NOTE",
    "AmendRequest",
    "AnonymiseRequest",
    "ApprovalRequest",
    "CancelRequest",
    "Desk",
    "DetailsRequest",
    "Draft",
    "FollowUpRequest",
    "LineEdit",
    "NoteRequest",
    "ParcelRequest",
    "PaymentRequest",
    "PlaceRequest",
    "ReminderRequest",
    "Request",
    "ReturnRequest",
    "StatusRequest",
    "UndoRequest",
]

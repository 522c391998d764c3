"""What `ashop work` does: deliver the outbox and run the timed jobs, once or until told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from ashop_core.clock import to_iso
from ashop_core.kept_words import storable
from ashop_core.outbox import Delivered, JobHandler
from ashop_core.renewing import RenewedShop

if TYPE_CHECKING:
    from ashop_core.shop import Shop

log = logging.getLogger("ashop")

BATCH = 20


@dataclass
class Round:
    """What one round of work came to: rows delivered, timed jobs run, and those that failed, by code."""

    delivered: list[Delivered] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def work_once(shop: Shop, *, seen: Callable[[Delivered], None] | None = None) -> Round:
    """Run every timed job that is due and deliver all that is due in the outbox; return what was done.

    Several workers may run at once, on one machine or many: each row and each job is claimed first.
    """
    done = Round()
    for handler in shop.handlers.values():
        if handler.job.every is not None and _claim(shop, handler, handler.job.every):
            _run(shop, handler, done)
    _deliver_all(shop.deliver, done, seen)
    return done


def send_once(
    shop: Shop, channel: str | None = None, *, seen: Callable[[Delivered], None] | None = None
) -> Round:
    """Deliver every message that is due, of one channel or of all; no job is done, timed or not."""
    done = Round()
    _deliver_all(partial(shop.deliver, channel=channel, messages_only=True), done, seen)
    return done


def work(
    shop: Shop,
    stop: Event,
    pause: timedelta = timedelta(seconds=5),
    *,
    once: Callable[[Shop], object] = work_once,
) -> None:
    """Work round after round until `stop` is set; a round that fails is logged and the next one tries again.

    `once` is what a round does. Settings that change meanwhile apply from the next round on.
    """
    with RenewedShop(shop) as renewed:
        while not stop.is_set():
            try:
                once(renewed.current())
            except Exception:  # one bad round, such as a full disk, must not end the worker
                log.exception("a round of work failed; the next one comes in %s", pause)
            stop.wait(pause.total_seconds())


def _deliver_all(
    deliver: Callable[..., list[Delivered]], done: Round, seen: Callable[[Delivered], None] | None
) -> None:
    while batch := deliver(most=BATCH):
        done.delivered += batch
        for item in batch:
            if seen is not None:
                seen(item)


def _claim(shop: Shop, handler: JobHandler, every: timedelta) -> bool:
    """Tell whether the job is due and now ours: one guarded statement moves it to its next time."""
    now = shop.clock()
    values = {"code": handler.job.code, "now": to_iso(now), "next": to_iso(now + every)}
    with shop.database.read() as reader:
        row = reader.row("SELECT due_at FROM timed_jobs WHERE code = :code", {"code": handler.job.code})
    if row is not None and row["due_at"] > values["now"]:
        return False
    with shop.database.write() as tx:
        # The first time, the job's row is made; of several workers one gets it.
        return bool(
            tx.execute(
                "INSERT INTO timed_jobs (code, due_at, ran_at) VALUES (:code, :next, :now) "
                "ON CONFLICT (code) DO UPDATE SET due_at = :next, ran_at = :now WHERE timed_jobs.due_at <= :now",
                values,
            )
        )


def _run(shop: Shop, handler: JobHandler, done: Round) -> None:
    error = ""
    try:
        handler.run(shop, {})
        done.jobs.append(handler.job.code)
    except KeyboardInterrupt:
        raise
    except BaseException as fault:  # a plugin's job: its fault is kept for `doctor` and harms nothing else
        log.exception("the job %s failed", handler.job.code)
        error = done.failed[handler.job.code] = f"{type(fault).__name__}: {storable(fault)}"
    with shop.database.write() as tx:
        tx.execute(
            "UPDATE timed_jobs SET error = :error WHERE code = :code",
            {"error": error, "code": handler.job.code},
        )

"""Races: processes that open a shop each and work at it all at once, and what every one of them was told.

For proofs, and for whoever writes a rule: what holds for one caller after the other must hold for many at the same
time. The processes are forked before any of them opens the database, and wait for one another and never for a time.
"""

from __future__ import annotations

import signal
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import BrokenBarrierError
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ashop_core import lifecycle
from ashop_core.clock import Clock, system_clock
from ashop_core.errors import Conflict, InvalidInput, Refused
from ashop_core.outcomes import Outcome
from ashop_core.shop import Shop
from ashop_core.texts import Text

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess
    from multiprocessing.synchronize import Barrier

    from ashop_core.errors import Problem
    from ashop_core.models import Change

MOST_PROCESSES = 64
_FORK = get_context("fork")

Work = Callable[[Shop, int, int], Any]
"""What a process does at each try: given its shop, its own number and the number of the try."""


class Word(StrEnum):
    """What came of a try, in a word."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a process was told at one try, from 0 on; a process that could not go on tells that with try -1.

    `codes` are the reasons of a refusal, or the type of an error; `value` is what the work returned, of an Outcome the
    order's name.
    """

    worker: int
    n: int
    word: Word
    codes: tuple[str, ...] = ()
    text: str = ""
    value: Any = None


@dataclass(frozen=True, kw_only=True)
class Race:
    """A race that is over: all that was told, each process's own in its order, and how many seconds it took."""

    processes: int
    tries: int
    told: tuple[Told, ...]
    seconds: float

    def of(self, word: Word) -> list[Told]:
        """Return what was told with this word."""
        return [each for each in self.told if each.word is word]

    @property
    def accepted(self) -> list[Told]:
        """What was done."""
        return self.of(Word.ACCEPTED)

    @property
    def errors(self) -> list[str]:
        """Every error that reached a caller, in words; there should be none."""
        return [f"{' '.join(each.codes)}: {each.text}" for each in self.of(Word.ERROR)]

    @property
    def refusals(self) -> Counter[str]:
        """How often each reason was given."""
        return Counter(code for each in self.of(Word.REFUSED) for code in each.codes)


def race(
    where: Path | Shop,
    work: Work,
    *,
    processes: int = 16,
    tries: int = 1000,
    in_step: bool = False,
    prepare: Callable[[Shop, int], object] | None = None,
    clock: Clock = system_clock,
    synchronous: str = "OFF",
    progress: Callable[[int], object] | None = None,
) -> Race:
    """Let so many processes do their work so many times each, all at once, and return what they were told.

    `in_step` holds every process back, once in each try, where a change that places an order or moves goods has been
    judged and is not made yet, until all have come that far or are through with the try: then all decide on what none
    of them has changed. A slip between deciding and doing shows at once.
    `prepare` is called in each process before the start. `progress` is told of every try. `synchronous` is
    SQLite's; OFF, since no power cut is part of the race. What the work returns must go through a pipe (pickle).
    """
    if not (1 <= processes <= MOST_PROCESSES and tries >= 1):
        raise InvalidInput(
            Text(
                "{p} processer om {t} försök går inte: välj 1 till {most} processer och minst ett försök",
                "{p} processes of {t} tries will not do: choose 1 to {most} processes and at least one try",
            ).fill(p=processes, t=tries, most=MOST_PROCESSES)
        )
    if isinstance(where, Shop):
        where.close()
        where = where.settings.folder
    runner = _Runner(
        folder=where, work=work, tries=tries, prepare=prepare, clock=clock, synchronous=synchronous,
        barrier=_FORK.Barrier(processes) if in_step else None,
    )  # fmt: skip
    field = _Field(runner)
    try:
        for me in range(processes):
            field.start(me)
        return field.run(progress)
    finally:
        field.clear()


@dataclass(frozen=True, kw_only=True)
class _Runner:
    """What a forked process is to do."""

    folder: Path
    work: Work
    tries: int
    prepare: Callable[[Shop, int], object] | None
    clock: Clock
    synchronous: str
    barrier: Barrier | None

    def __call__(self, me: int, pipe: Connection, others: list[Connection]) -> None:
        """Open the shop, wait for the start, and tell what comes of each try."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the race
        for other in others:
            other.close()
        try:
            with Shop.open(self.folder, clock=self.clock, synchronous=self.synchronous) as shop:
                self._run(shop, me, pipe)
        except Exception as error:  # whatever it is, the race is to tell of it
            pipe.send(_error(me, -1, error))

    def _run(self, shop: Shop, me: int, pipe: Connection) -> None:
        if self.prepare is not None:
            self.prepare(shop, me)
        step = None if self.barrier is None else _Step(self.barrier)
        pipe.send(None)
        if not pipe.recv():
            return
        for n in range(self.tries):
            told = _try(self.work, shop, me, n)
            if step is not None:
                step.end_try()
            pipe.send(told)


class _Step:
    """Holds this process back, once in each try, until every other is as far."""

    def __init__(self, barrier: Barrier) -> None:
        self._barrier = barrier
        self._arrived = False
        self._judge = lifecycle.objections
        setattr(lifecycle, "objections", self._objections)  # noqa: B010 - in this forked process alone

    def _objections(self, shop: Shop, draft: Any) -> list[Problem]:
        found = self._judge(shop, draft)
        change: Change = draft.change
        if change.moves or change.places:
            self._arrive()
        return found

    def _arrive(self) -> None:
        if not self._arrived:
            self._arrived = True
            self._barrier.wait()

    def end_try(self) -> None:
        """Wait until all are through with this try, also where it never came to a judgement."""
        self._arrive()
        self._arrived = False
        self._barrier.wait()


def _try(work: Work, shop: Shop, me: int, n: int) -> Told:
    try:
        value = work(shop, me, n)
    except Refused as refusal:
        codes = tuple(problem.code for problem in refusal.problems)
        return Told(worker=me, n=n, word=Word.REFUSED, codes=codes)
    except Conflict:
        return Told(worker=me, n=n, word=Word.CONFLICT)
    except BrokenBarrierError:
        raise
    except Exception as error:  # whatever it is, it is to be counted
        return _error(me, n, error)
    word = Word.ACCEPTED
    if isinstance(value, Outcome):
        word = Word.UNCHANGED if value.unchanged else word
        value = value.order.name
    return Told(worker=me, n=n, word=word, value=value)


def _error(me: int, n: int, error: Exception) -> Told:
    return Told(worker=me, n=n, word=Word.ERROR, codes=(type(error).__name__,), text=str(error))


class _Field:
    """The processes of a race, as their parent sees them."""

    def __init__(self, runner: _Runner) -> None:
        self._runner = runner
        self._pipes: list[Connection] = []
        self._processes: list[ForkProcess] = []
        self._told: list[Told] = []

    def start(self, me: int) -> None:
        """Fork a process; of the pipes of the others it keeps nothing, so that a broken one shows."""
        here, there = _FORK.Pipe()
        process = _FORK.Process(target=self._runner, args=(me, there, [*self._pipes, here]), daemon=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of whoever calls are none of ours
            process.start()
        there.close()
        self._pipes.append(here)
        self._processes.append(process)

    def run(self, progress: Callable[[int], object] | None) -> Race:
        """Start all that are ready, hear them out, and return what they told."""
        ready = [self._hear(pipe) is None for pipe in self._pipes]
        began = perf_counter()
        for pipe, is_ready in zip(self._pipes, ready, strict=True):
            if is_ready:
                pipe.send(all(ready))
        listening = [pipe for pipe, is_ready in zip(self._pipes, ready, strict=True) if is_ready]
        while listening:
            heard = wait(listening)
            for pipe in [pipe for pipe in listening if pipe in heard]:
                told = self._hear(pipe)
                if told is None or told.n < 0:
                    listening.remove(pipe)
                elif progress is not None:
                    progress(1)
        return Race(
            processes=len(self._processes), tries=self._runner.tries, told=tuple(self._told),
            seconds=perf_counter() - began,
        )  # fmt: skip

    def _hear(self, pipe: Connection) -> Told | None:
        """Return what a process tells next and keep it; None where it is ready to start, or is through."""
        me = self._pipes.index(pipe)
        try:
            told: Told | None = pipe.recv()
        except (EOFError, ConnectionResetError):
            told = self._ended(me)
        if told is not None:
            self._told.append(told)
            if told.n < 0 and self._runner.barrier is not None:
                self._runner.barrier.abort()  # the others need not wait for it
        return told

    def _ended(self, me: int) -> Told | None:
        self._processes[me].join()
        code = self._processes[me].exitcode
        if code == 0:
            return None
        text = f"process {me} ended with {code}"
        return Told(worker=me, n=-1, word=Word.ERROR, codes=("Ended",), text=text)

    def clear(self) -> None:
        """End what is still running, and give the pipes back."""
        for process in self._processes:
            process.terminate()
            process.join()
            process.close()
        for pipe in self._pipes:
            pipe.close()

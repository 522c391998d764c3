"""What the races and crash proofs need: forked children, and numbers that parent and children share.

Children are forked from a parent that has closed its shop, so that they start warm and no connection is
inherited. What they wait for is a byte in a pipe, never a time.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

KILLED = -signal.SIGKILL


class Child:
    """A forked process that runs one function and then is gone, without any clearing up."""

    def __init__(self, work: Callable[[], object]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the test runner may have threads of its own
            self.pid = os.fork()
        if self.pid == 0:
            _run_and_leave(work)

    def wait(self) -> int:
        """Return the exit code, or minus the number of the signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> int:
        """Kill -9 the child and return how it ended: it may have been through already."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()


def _run_and_leave(work: Callable[[], object]) -> NoReturn:
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


class Gate:
    """Something processes wait for and another one gives, once for each that waits."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def give(self, times: int = 1) -> None:
        """Let so many pass."""
        os.write(self._write, b"x" * times)

    def wait(self, times: int = 1) -> None:
        """Wait until it was given so many times."""
        for _ in range(times):
            assert os.read(self._read, 1) == b"x"

    def wait_at_most(self, times: int) -> None:
        """Wait until it was given so many times, or given up."""
        for _ in range(times):
            if os.read(self._read, 1) != b"x":
                return

    def forget(self) -> None:
        """Forget what was given until now."""
        os.set_blocking(self._read, False)
        try:
            while os.read(self._read, 65536):
                pass
        except BlockingIOError:
            os.set_blocking(self._read, True)

    def give_up(self) -> None:
        """Let whoever waits know that no more will be given."""
        os.write(self._write, b"." * 100)

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._read)
        os.close(self._write)


class Numbers:
    """Whole numbers that parent and children share and that outlive a kill; each is to have one writer."""

    def __init__(self, size: int) -> None:
        self._values = memoryview(mmap.mmap(-1, 8 * size)).cast("q")

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    def __setitem__(self, index: int, value: int) -> None:
        self._values[index] = value

    def __len__(self) -> int:
        return len(self._values)

    def all(self) -> list[int]:
        """Return them as they are now."""
        return self._values.tolist()


def hand_in(folder: Path, name: str, result: Any) -> None:
    """Leave a child's result for its parent."""
    (folder / f"{name}.json").write_text(json.dumps(result), encoding="utf-8")


def handed_in(folder: Path, name: str) -> Any:
    """Return what a child left."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def put_in(owner: Any, name: str, value: object) -> None:
    """Put something else in the place of a function of a module or class, for as long as this process lives."""
    setattr(owner, name, value)


def kill_me() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)

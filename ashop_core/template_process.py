"""A process of its own for the shop's templates: one for each process of ours, started when it is first needed.

Whatever a template does there (run for ever, fill the memory, break out of its sandbox), all that comes of it here is a
TemplateFault. The process is ended then, and the next template gets another one.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakSet

from ashop_core.template_engine import Engine, TemplateFault

_CHILD = Path(__file__).with_name("template_child.py")
_LONGEST_START = 30.0
_LARGEST_ANSWER = 64 * 1024 * 1024
_PIECE = 64 * 1024
_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All of the environment that the process gets: there may be secrets in it, and a template has no use for it."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one template may use: seconds of the processor, seconds by the clock, bytes of memory and of output.

    The memory counts from what the process starts with, and is kept to where the system tells that, as Linux does. The
    output may be larger where the values are: so many times as long as they are.
    """

    cpu: float = 1.0
    clock: float = 10.0
    memory: int = 64 * 1024 * 1024
    output: int = 256 * 1024
    per_value: int = 8


class TemplateProcess:
    """The process, started when it is first asked; any thread may ask, also after a fork."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        _all.add(self)

    def fill(self, engine: Engine, names: Sequence[str], values: Mapping[str, Any], finish: str = "") -> str:
        """Return the first template that there is, filled in, then given to `finish` (``module:function``), if any.

        Raises TemplateFault, also where the template takes more than it may.
        """
        limits = self._limits
        most = max(limits.output, limits.per_value * len(json.dumps(values)))
        request = {
            "own": str(engine.own), "ours": str(engine.ours), "names": list(names),
            "values": values, "finish": finish, "most": most, "cpu": limits.cpu,
        }  # fmt: skip
        answer = self._ask(request)
        if "fault" not in answer:
            return str(answer["text"])
        fault = {"file": engine.file_for(names), **answer["fault"]}
        raise TemplateFault(**fault)

    @property
    def pid(self) -> int | None:
        """The process's id, while there is one."""
        return self._process.pid if self._process else None

    def end(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _ask(self, request: Mapping[str, Any]) -> Any:
        with self._lock:
            try:
                answer = _exchange(self._running(), request, self._limits.clock)
                if answer.get("fault", {}).get("kind") == "memory":
                    self._end()  # what it took it may never give back
                return answer
            except TimeoutError:
                self._end()
                return _fault("clock", f"{self._limits.clock:g}")
            except EOFError:
                code = self._end()
                over = code == -signal.SIGPROF
                return _fault("cpu", f"{self._limits.cpu:g}") if over else _fault("ended", str(code))
            except BaseException:
                self._end()  # what it still answers would be taken for the next one's
                raise

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = _started()
            start = {"path": [str(Path(p).absolute()) for p in sys.path], "memory": self._limits.memory}
            _exchange(self._process, start, _LONGEST_START)
        return self._process

    def _end(self) -> int:
        """End the process; return its exit code, negative where a signal had ended it."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.kill()
        _close(process)
        return process.wait()

    def _let_go(self) -> None:
        """Leave the process to the parent, whose it is; called in a forked one."""
        process, self._process, self._lock = self._process, None, threading.Lock()
        if process is not None:
            _close(process)
            process.returncode = 0  # nothing that this process could wait for


_all: WeakSet[TemplateProcess] = WeakSet()


def _let_go_of_all() -> None:
    for process in list(_all):
        process._let_go()


os.register_at_fork(after_in_child=_let_go_of_all)


shared = TemplateProcess()
"""The one that serves all shops of this process."""


def _fault(kind: str, detail: str) -> dict[str, Any]:
    return {"fault": {"kind": kind, "detail": detail}}


def _started() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
        [sys.executable, "-I", "-S", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        process_group=0,
    )
    for end in (process.stdin, process.stdout):
        assert end is not None
        os.set_blocking(end.fileno(), False)
    return process


def _close(process: subprocess.Popen[bytes]) -> None:
    for end in (process.stdin, process.stdout):
        assert end is not None
        end.close()


def _exchange(process: subprocess.Popen[bytes], request: Mapping[str, Any], seconds: float) -> Any:
    """Return the answer to a request. Raises EOFError where the process ends before, TimeoutError after so long."""
    assert process.stdin is not None
    assert process.stdout is not None
    data = json.dumps(request).encode()
    left = memoryview(len(data).to_bytes(4, "big") + data)
    answer = bytearray()
    into, out_of = process.stdin.fileno(), process.stdout.fileno()
    ready = select.poll()
    ready.register(into, select.POLLOUT)
    ready.register(out_of, select.POLLIN)
    deadline = time.monotonic() + seconds
    while True:
        files = [file for file, _ in ready.poll(1000 * max(0, deadline - time.monotonic()))]
        if not files:
            raise TimeoutError
        if out_of in files:
            piece = os.read(out_of, _PIECE)
            answer += piece
            size = int.from_bytes(answer[:4], "big")
            if not piece or size > _LARGEST_ANSWER:
                raise EOFError
            if len(answer) >= 4 and len(answer) == 4 + size:
                return json.loads(answer[4:])
        if into in files:
            try:
                left = left[os.write(into, left[:_PIECE]) :]
            except BrokenPipeError:
                raise EOFError from None
            if not left:
                ready.unregister(into)

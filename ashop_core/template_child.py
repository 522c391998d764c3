"""The process in which templates of the shop's own are filled in, so that none of them can harm the shop.

Run by `template_process`, never imported. Requests and answers are JSON behind four bytes of length. It gets 64 MB beyond
what it starts with, and a second of the processor for each template; the system ends it when it takes more. It starts no
process and writes no file. It ends when its parent does: there is nothing more to read then.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_finishers: dict[str, Any] = {}
_engines: dict[tuple[str, str], Any] = {}


def main() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    start = _read()
    assert start is not None
    sys.path[:] = start["path"]
    sys.dont_write_bytecode = True
    for what in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(what, (0, 0))
    _warm_up()
    _limit_memory(start["memory"])
    _write(b"{}")
    while (request := _read()) is not None:
        finish = _finisher(request["finish"], start["memory"])
        signal.setitimer(signal.ITIMER_PROF, request["cpu"])
        answer = _answer(request, finish)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(answer)


def _answer(request: dict[str, Any], finish: Any) -> bytes:
    """Return the answer to a request; whatever takes memory happens here."""
    from ashop_core.template_engine import TemplateFault

    try:
        engine = _engine(request["own"], request["ours"])
        text = engine.fill(request["names"], request["values"], finish, request["most"])
        return json.dumps({"text": text}).encode()
    except TemplateFault as fault:
        return json.dumps({"fault": vars(fault)}).encode()
    except MemoryError:
        return b'{"fault": {"kind": "memory"}}'


def _engine(own: str, ours: str) -> Any:
    from ashop_core.template_engine import Engine

    return _engines.setdefault((own, ours), Engine(Path(own), Path(ours)))


def _warm_up() -> None:
    """Have everything imported that a template needs, before the memory is limited."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    import ashop_core.template_engine  # noqa: F401

    ImmutableSandboxedEnvironment(autoescape=True).from_string("{{ a|join }}").render(a=[1])


def _finisher(name: str, memory: int) -> Any:
    """Return the function ``module:function`` that is called with each text; its import counts as start."""
    if name and name not in _finishers:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        module, _, function = name.partition(":")
        _finishers[name] = getattr(import_module(module), function)
        _finishers[name]("")  # what it loads when it is first used counts as start too
        _limit_memory(memory)
    return _finishers.get(name)


def _limit_memory(more: int) -> None:
    """Let the process take no more than so many bytes beyond what it has; only Linux tells what that is."""
    about = Path("/proc/self/statm")
    if about.exists():
        taken = int(about.read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = taken + more
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))


def _read() -> dict[str, Any] | None:
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        return None
    return json.loads(sys.stdin.buffer.read(int.from_bytes(head, "big")) or b"null")  # type: ignore[no-any-return]


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(len(data).to_bytes(4, "big") + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

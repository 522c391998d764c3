"""The suite of channels: those that ship pass it, the example of the documentation too, and each fault is found by its test."""

from __future__ import annotations

from typing import Any

import pytest

from ashop_core.testing.channel_suite import ChannelSuite
from ashop_core.texts import Text
from tests.broken_channels import FAULTS
from tests.chat_channel import ChatSuite, FullSuite


class TestChat(ChatSuite):
    """The example of docs/channels.md."""


class TestFullChat(FullSuite):
    """One that offers all that a channel may offer."""


class Outcomes:
    """Listens to a test run: which tests failed, and how many there were."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.words: list[str] = []
        self.count = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.count += report.when == "call"
        if report.failed:
            self.failed.add(report.nodeid.rpartition("::")[2])
            self.words.append(str(report.longrepr))


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_by_the_tests_that_are_meant_for_it(name, request):
    outcomes = Outcomes()
    path = f"{request.config.rootpath}/tests/broken_channels.py::Test_{name}"
    options = ["-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:terminal"]

    pytest.main([path, *options], plugins=[outcomes])

    assert outcomes.failed == FAULTS[name].caught, "\n".join(outcomes.words)
    assert outcomes.count >= 30


def test_a_code_is_one_plain_word():
    class Odd:
        code = "Chat room"
        label = Text("Chatt", "Chat")
        recipient = address = render = send = None

    with pytest.raises(AssertionError, match="is no word like"):
        ChannelSuite().test_it_has_what_every_channel_has(Odd())  # type: ignore[arg-type]

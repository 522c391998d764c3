"""Templates: which file serves, what is told of one that is broken, and that none of the shop's can harm the shop."""

import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Thread, get_ident

import pytest

from ashop_core.customer import Occasion
from ashop_core.errors import InvalidInput
from ashop_core.models import Delivery
from ashop_core.sample_messages import sample_messages
from ashop_core.settings import ShopSettings
from ashop_core.template_engine import Engine, TemplateFault
from ashop_core.template_process import Limits, TemplateProcess
from ashop_core.templating import BrokenTemplate, TemplateFiles, names_for
from ashop_core.testing import place_order, some_customer
from ashop_core.texts import Text

LABEL = Text("mallen", "the template")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells and limits this")
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


@pytest.fixture
def ours(tmp_path):
    (tmp_path / "ours").mkdir()
    return tmp_path / "ours"


@pytest.fixture
def process():
    process = TemplateProcess(Limits(cpu=0.3))
    yield process
    process.end()


@pytest.fixture
def files(own, ours, process):
    return TemplateFiles(own, ours, LABEL, process)


def write(folder: Path, **texts: str) -> None:
    """Write the texts as ``<name>.txt``; two underscores stand for a dot."""
    for name, text in texts.items():
        (folder / f"{name.replace('__', '.')}.txt").write_text(text, encoding="utf-8")


def upper(text: str) -> str:
    """A finish that the process can be told of by name."""
    return text.upper()


# ── Which file serves ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ours_has", "own_has", "words"),
    [
        (["status__sv"], [], "ours status__sv"),
        (["status__sv", "reminder__sv"], [], "ours reminder__sv"),
        (["status__sv", "reminder__sv", "ready_reminder__sv"], [], "ours ready_reminder__sv"),
        (["status__sv", "ready_reminder__sv"], ["ready_reminder__sv"], "own ready_reminder__sv"),
        (["status__sv", "ready_reminder__sv"], ["reminder__sv"], "ours ready_reminder__sv"),
        (["status__sv"], ["reminder__sv"], "own reminder__sv"),
        (["status__sv"], ["reminder__en", "ready_reminder__en"], "ours status__sv"),
        (["status__sv", "staff__sv"], [], "ours status__sv"),
    ],
)
def test_the_code_goes_before_the_occasion_and_the_shops_file_before_ours(
    files, own, ours, message, ours_has, own_has, words
):
    write(ours, **{name: f"ours {name}" for name in ours_has})
    write(own, **{name: f"own {name}" for name in own_has})

    found = files.words(replace(message, template="ready_reminder", occasion=Occasion.REMINDER), {})

    assert found == words


def test_a_message_to_staff_never_gets_a_customers_words(message, for_staff):
    assert names_for(message) == ["shipped.sv.txt", "status.sv.txt"]
    assert names_for(replace(for_staff, template="picking")) == ["picking.sv.txt", "staff.sv.txt"]
    assert names_for(for_staff) == ["staff.sv.txt"]


@pytest.fixture
def messages(make_shop):
    shop = make_shop()
    return list(sample_messages(shop.flows, ShopSettings(), "email"))


@pytest.fixture
def message(messages):
    return next(m for m in messages if m.template == "shipped" and m.language == "sv")


@pytest.fixture
def for_staff(messages):
    return next(m for m in messages if m.staff and m.language == "sv")


def test_ours_are_filled_in_without_a_process_and_the_shops_own_in_one(files, own, ours, process):
    write(ours, a="{{ x }}", b="b")
    write(own, b="own b")

    assert files.fill(["a.txt"], {"x": "Å"}, upper) == "Å"
    assert process.pid is None
    assert files.fill(["b.txt"], {}, upper) == "OWN B"
    assert process.pid is not None


def test_a_part_of_ours_can_be_replaced_by_a_file_of_the_shops(files, own, ours, process):
    write(ours, frame="<{% include 'part.txt' %}>", part="ours {{ x }}")

    before = files.fill(["frame.txt"], {"x": 1})
    write(own, part="own {{ x }}")

    assert (before, files.fill(["frame.txt"], {"x": 1})) == ("<ours 1>", "<own 1>")


def test_a_file_that_is_changed_or_removed_counts_at_once(files, own, ours):
    write(ours, a="ours")
    found = [files.fill(["a.txt"], {})]
    for text in ("one", "two!"):
        write(own, a=text)
        found.append(files.fill(["a.txt"], {}))
    (own / "a.txt").unlink()

    assert [*found, files.fill(["a.txt"], {})] == ["ours", "one", "two!", "ours"]


@pytest.mark.parametrize("text", ["{% include 'link.txt' %}", "{% include 'folder/secret.txt' %}"])
def test_a_link_out_of_the_folder_is_not_followed(files, own, tmp_path, text):
    (tmp_path / "secret.txt").write_text("hemligt", encoding="utf-8")
    (own / "link.txt").symlink_to(tmp_path / "secret.txt")
    (own / "folder").symlink_to(tmp_path)
    write(own, a=text)

    with pytest.raises(BrokenTemplate, match="is a link to a file outside the folder of templates"):
        files.fill(["a.txt"], {})


def test_a_link_within_the_folder_is(files, own):
    (own / "2026").mkdir()
    write(own / "2026", a="Hej")
    (own / "a.txt").symlink_to(own / "2026" / "a.txt")

    assert files.fill(["a.txt"], {}) == "Hej"


def test_each_file_is_read_once_to_find_those_that_nothing_uses(files, own, monkeypatch):
    names = [f"x{n}__sv" for n in range(30)]
    write(own, **dict.fromkeys(names, "{% include 'part.txt' %}"), part="Det är *den* delen.")
    opened, real = [], Path.open

    def counted(self, *given, **named):
        opened.append(self.name)
        return real(self, *given, **named)

    monkeypatch.setattr(Path, "open", counted)

    found = list(files.unused([]))

    assert sorted(opened) == sorted(path.name for path in own.iterdir())
    assert {problem.text.sv.split()[1].rpartition("/")[2] for problem in found} == {*opened} - {"part.txt"}


def test_html_is_escaped_and_text_is_not(files, own, ours):
    write(own, a="{{ x }}")
    (own / "a.html").write_text("{{ x }}", encoding="utf-8")

    assert files.fill(["a.txt"], {"x": "<b>&"}) == "<b>&"
    assert files.fill(["a.html"], {"x": "<b>&"}) == "&lt;b&gt;&amp;"


def test_a_byte_order_mark_before_a_template_is_no_part_of_it(files, own):
    (own / "a.txt").write_bytes(b"\xef\xbb\xbfHej")

    assert files.fill(["a.txt"], {}) == "Hej"


# ── What is wrong is told with file and line ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "line", "sv", "en"),
    [
        (
            "\n{{ nam }}",
            2,
            "värdet nam finns inte; menade du name?",
            "there is no value nam; did you mean name?",
        ),
        ("{{ parcel.nmber }}", 1, "värdet nmber finns inte; menade du number?", "did you mean number?"),
        ("\n\n{{ staff.phone }}", 3, "staff finns inte i meddelanden till kunder", "only in those to staff"),
        ("{% if staff %}x{% endif %}", 1, "bara i dem till personalen", "only in those to staff"),
        ("\n{% if %}", 2, "felskriven, Jinja säger: Expected", "misspelt, Jinja says: Expected"),
        ("{% include 'nix.txt' %}", 1, "det finns ingen fil nix.txt", "there is no file nix.txt"),
        ("{% include '../secret.txt' %}", 1, "ingen fil ../secret.txt", "no file ../secret.txt"),
        ("{% include '/etc/passwd' %}", 1, "ingen fil /etc/passwd", "no file /etc/passwd"),
        ("{% include 'x' * 300 %}", 1, "ingen fil xxx", "no file xxx"),
        ("{% include '.hidden.txt' %}", 1, "ingen fil .hidden.txt", "no file .hidden.txt"),
        (
            "\n{{ 1 / 0 }}",
            2,
            "går inte att fylla i: division by zero",
            "cannot be filled in: division by zero",
        ),
        ("{{ name + 1 }}", 1, "går inte att fylla i", "cannot be filled in"),
        ("{{ ''.__class__ }}", 1, "gör något som en mall inte får", "does what a template may not"),
        ("\n{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", 2, "anropar sig själv", "calls itself"),
    ],
)
@pytest.mark.parametrize("whose", ["own", "ours"])
def test_a_broken_template_is_told_with_its_line_and_a_remedy(files, tmp_path, whose, text, line, sv, en):
    write(tmp_path, secret="zq7")
    write(tmp_path / "own", __hidden="zq7")
    write(tmp_path / whose, a=text)

    with pytest.raises(BrokenTemplate) as broken:
        files.fill(["a.txt"], {"name": "Åsa", "parcel": {"number": ""}})

    assert broken.value.text.sv.startswith(f"mallen {tmp_path.name}/{whose}/a.txt:{line}: ")
    assert sv in broken.value.text.sv
    assert en in broken.value.text.en


@pytest.mark.parametrize("text", ["", " \n\n", "{% if booked %}{{ booked }}{% endif %}\n"])
def test_an_empty_message_is_a_fault_of_its_template(files, own, message, text):
    write(own, shipped__sv=text)

    with pytest.raises(BrokenTemplate) as broken:
        files.words(message)

    assert "own/shipped.sv.txt: blir ett tomt meddelande" in broken.value.text.sv


def test_a_fault_in_a_part_names_the_part(files, own):
    write(own, a="{% include 'part.txt' %}", part="\n\n{{ nix }}")

    with pytest.raises(BrokenTemplate, match=r"part\.txt:3: there is no value nix"):
        files.fill(["a.txt"], {})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Hej\n\xe5", r"a\.txt:2: the file is not UTF-8; save it"),
        (b"x" * 262145, "larger than 256 kB; split it"),
    ],
)
def test_a_file_that_is_no_template_is_told_so(files, own, data, words):
    (own / "a.txt").write_bytes(data)

    with pytest.raises(BrokenTemplate, match=words):
        files.fill(["a.txt"], {})


# ── None of the shop's own can harm the shop ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("{{ 'x' * 200000000 }}", "too much memory", marks=LINUX),
        pytest.param("{{ 'x' | center(300000000) }}", "too much memory", marks=LINUX),
        pytest.param("{{ '%300000000d' | format(1) }}", "too much memory", marks=LINUX),
        pytest.param("{% set a = [0] * 100000000 %}", "too much memory", marks=LINUX),
        pytest.param("{{ (range(99999) | list) * 999 }}", "too much memory", marks=LINUX),
        pytest.param("{{ 10 ** (10 ** 8) }}", "works for more than 0.3 s|too much memory", marks=LINUX),
        (ENDLESS, "more than 0.3 s"),
        ("{% for a in range(99999) %}xxxxxxxx{% endfor %}", "longer than 256 kB"),
        (
            "{% for a in range(99) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
            "longer than 256 kB",
        ),
        ("{{ range(100001) }}", "cannot be filled in"),
        ("{% include 'a.txt' %}", "calls itself without end"),
        ("{% extends 'a.txt' %}", "calls itself without end|too much memory"),
        (
            "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}",
            "calls itself|misspelt|cannot be filled in|too much memory",
        ),
        ("{{" + "-" * 20000 + "1 }}", "calls itself|misspelt|cannot be filled in|too much memory"),
    ],
)
def test_a_template_that_takes_too_much_is_stopped_and_the_next_one_served(files, own, text, words):
    write(own, a=text, b="{{ x }}")

    with pytest.raises(InvalidInput, match=words) as broken:
        files.fill(["a.txt"], {})

    assert f"{own.parent.name}/own/a.txt" in str(broken.value)
    assert files.fill(["b.txt"], {"x": "Å"}) == "Å"


@LINUX
def test_a_process_that_ran_out_of_memory_is_not_asked_again(files, own, process):
    write(own, a="{{ 'x' * 200000000 }}")

    with pytest.raises(BrokenTemplate, match="too much memory"):
        files.fill(["a.txt"], {})

    assert process.pid is None


def endless(text: str) -> str:
    """A finish that never comes to an end."""
    while text:
        pass
    return text


def explode(text: str) -> str:
    """A finish that makes much of little."""
    return text * 10**6


def leave(text: str) -> str:
    """What a template that got out of its sandbox could do."""
    os._exit(3)


def fall(text: str) -> str:
    """A finish that does not like its text; all finishes are called with an empty one first."""
    if text:
        raise ValueError("no such colour")
    return text


@pytest.mark.parametrize(
    ("finish", "words"),
    [
        (endless, "more than 0.3 s"),
        (explode, "longer than 256 kB"),
        (fall, "cannot be filled in: no such colour"),
        (leave, r"ended \(3\)"),
    ],
)
def test_what_is_done_with_the_text_is_watched_too(files, own, finish, words):
    write(own, a="hello", b="b")

    with pytest.raises(BrokenTemplate, match=words):
        files.fill(["a.txt"], {}, finish)

    assert files.fill(["b.txt"], {}) == "b"


def test_an_output_may_be_long_where_the_values_are(files, own):
    write(own, a="{% for line in lines %}<p>{{ line }}</p>{% endfor %}")

    assert len(files.fill(["a.txt"], {"lines": ["x" * 100] * 5000})) > 256 * 1024


def test_a_process_that_does_not_answer_is_ended(own, ours):
    process = TemplateProcess(Limits(clock=0.2))
    write(own, a="a")
    engine = Engine(own, ours)
    process.fill(engine, ["a.txt"], {})
    stopped = process.pid
    assert stopped is not None
    os.kill(stopped, signal.SIGSTOP)

    with pytest.raises(TemplateFault) as fault:
        process.fill(engine, ["a.txt"], {})

    assert fault.value.kind == "clock"
    assert process.pid is None
    with pytest.raises(ChildProcessError):  # waited for: no zombie is left
        os.waitpid(stopped, os.WNOHANG)


def test_a_process_that_somebody_ended_is_replaced(files, own, process):
    write(own, a="a")
    files.fill(["a.txt"], {})
    first = process.pid
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    assert files.fill(["a.txt"], {}) == "a"
    assert process.pid != first


def test_a_process_that_ends_in_the_middle_is_a_fault_of_that_template(own, ours):
    process = TemplateProcess(Limits(cpu=60))
    write(own, a=ENDLESS, b="b")
    engine, faults = Engine(own, ours), []
    process.fill(engine, ["b.txt"], {})

    def fill() -> None:
        try:
            process.fill(engine, ["a.txt"], {})
        except TemplateFault as fault:
            faults.append(fault.kind)

    thread = Thread(target=fill)
    thread.start()
    while thread.is_alive():
        if process.pid is not None:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except (ProcessLookupError, TypeError):
                continue
    thread.join()

    assert faults == ["ended"]
    assert process.fill(engine, ["b.txt"], {}) == "b"
    process.end()


def test_an_interrupted_template_does_not_answer_for_the_next_one(own, ours):
    process = TemplateProcess(Limits(cpu=60))
    write(own, a=ENDLESS, b="b")
    engine = Engine(own, ours)
    process.fill(engine, ["b.txt"], {})
    main = get_ident()

    def interrupt() -> None:
        while not process._lock.locked():
            pass
        signal.pthread_kill(main, signal.SIGINT)

    thread = Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        process.fill(engine, ["a.txt"], {})
    thread.join()

    assert process.fill(engine, ["b.txt"], {}) == "b"
    process.end()


def test_any_number_of_threads_may_ask(files, own):
    write(own, a="{{ x }}", bad="{{ x.y }}")

    def fill(n: int) -> str:
        if n % 7 == 0:
            with pytest.raises(BrokenTemplate):
                files.fill(["bad.txt"], {"x": str(n)})
        return files.fill(["a.txt"], {"x": str(n)})

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(fill, range(300))) == [str(n) for n in range(300)]


SCRIPT = """
import os, signal, sys
from pathlib import Path
from ashop_core.template_engine import Engine
from ashop_core.template_process import shared
engine = Engine(Path(sys.argv[1]), Path(sys.argv[1]))
def fill(x): return shared.fill(engine, ["a.txt"], {"x": x})
"""


def run(own: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    write(own, a="{{ x }}")
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", SCRIPT + script, str(own)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
    )


def test_a_forked_process_gets_one_of_its_own(own):
    done = run(
        own,
        """
fill("a"); first = shared.pid
if (child := os.fork()) == 0:
    print(shared.pid, fill("b"), shared.pid != first, flush=True)
    shared.end()
    os._exit(0)
os.waitpid(child, 0)
print(fill("c"), shared.pid == first)
""",
    )

    assert (done.stdout, done.stderr) == ("None b True\nc True\n", "")


@LINUX
@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)"])
def test_nothing_is_left_when_the_shop_ends(own, end):
    done = run(own, f"fill('a'); print(shared.pid, flush=True)\n{end}")

    try:
        left = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        left = None
    if left is not None:
        assert select.select([left], [], [], 60)[0] == [left]
        os.close(left)
    assert done.stderr == ""


@LINUX
def test_the_process_has_none_of_the_environment_and_none_of_the_files(own):
    done = run(
        own,
        """
secret = open(sys.argv[1] + "/a.txt"); os.set_inheritable(secret.fileno(), True)
fill("a")
print(Path(f"/proc/{shared.pid}/environ").read_bytes(), sorted(map(int, os.listdir(f"/proc/{shared.pid}/fd"))))
secret.close()
""",
        SMTP_PASSWORD="zq7",
    )

    assert (done.stdout, done.stderr) == ("b'' [0, 1, 2]\n", "")


# ── In a shop ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["Hej\n\n{{ balance }}", "Hej\n\n{% for a in range(99999) %}{{ 'xx' * 99 }}{% endfor %}"]
)
def test_a_broken_template_waits_and_harms_no_other_message(make_shop, clock, text):
    shop = make_shop("email", "sms", toml='[statuses.received]\nnotify = ["email", "sms"]\n')
    folder = shop.settings.path("templates") / "email"
    folder.mkdir(parents=True)
    write(folder, received__sv=text)
    order = place_order(shop)
    english = place_order(shop, customer=some_customer(email="bo@example.se"), language="en")

    shop.deliver()
    broken = shop.messages(order)
    other = shop.messages(english)
    write(folder, received__sv="Hej {{ number }}")
    clock.advance(hours=1)
    shop.deliver()

    assert {m.channel: m.delivery for m in broken} == {"email": Delivery.WAITING, "sms": Delivery.SENT}
    assert "received.sv.txt" in next(m for m in broken if m.channel == "email").error
    assert {m.delivery for m in other} == {Delivery.SENT}
    assert {m.delivery for m in shop.messages(order)} == {Delivery.SENT}

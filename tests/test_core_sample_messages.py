"""Made-up messages: one of every sort that the shop could send, and what the checks find with them."""

from pathlib import Path

import pytest

from ashop_core.channels import KnowsTemplates
from ashop_core.customer import Occasion
from ashop_core.opening import assemble
from ashop_core.plugins import load_plugins
from ashop_core.sample_messages import sample_messages
from ashop_core.settings import load_settings
from ashop_core.testing import write_shop

OWN = """
[statuses.packing]
label = { sv = "Packas", en = "Being packed" }
customer_label = { sv = "Packas hos oss", en = "Being packed by us" }
stage = "open"
stock = "held"
after = ["reviewed"]
before = ["shipped"]
template = "in_the_box"

[[statuses.packing.messages]]
channels = ["email"]
audience = "staff"
to = ["lager@example.se"]
template = "picking_list"

[[statuses.packing.messages]]
channels = ["sms"]
template = "soon"

[statuses.inspection]
label = { sv = "Kontroll", en = "Inspection" }
stage = "open"
stock = "held"
after = ["reviewed"]
before = ["shipped"]
"""


def samples(home: Path, channel: str = "email"):
    plugins = load_plugins(load_settings(home))
    flows, channels, _ = assemble(plugins)
    return list(sample_messages(flows, plugins.settings.shop, channel)), flows, channels


@pytest.fixture
def home(tmp_path):
    return write_shop(tmp_path / "shop", "email", "sms", "installation_booking", toml=OWN)


def test_each_visible_status_is_told_on_each_occasion_in_both_languages(home):
    found, flows, _ = samples(home)

    told = {(m.template, m.occasion, m.language) for m in found if m.staff is None}
    visible = {s.template or s.code for f in flows.flows for s in flows.of_flow(f) if s.visible}
    assert {"in_the_box", "shipped", "delivery_booked", "returned"} <= visible
    assert told == {
        (code if occasion is Occasion.STATUS else f"{code}_{occasion.value}", occasion, language)
        for code in visible
        for occasion in Occasion
        for language in ("sv", "en")
    }


def test_a_rules_own_template_is_tried_for_its_channel_and_its_audience(home):
    mails, _, _ = samples(home)
    sms, _, _ = samples(home, "sms")

    assert {m.template for m in mails if m.staff} == {"staff", "picking_list"}
    assert {m.template for m in sms if m.staff} == {"staff"}
    assert "soon" in {m.template for m in sms}
    assert "soon" not in {m.template for m in mails}


def test_a_hidden_status_is_told_to_staff_only(home):
    found, _, _ = samples(home)

    shown = {m.status.en for m in found if m.staff is None}
    assert "Inspection" in {m.status.en for m in found if m.staff}
    assert "Inspection" not in shown
    assert "Being packed by us" in shown
    assert "Being packed" not in shown


@pytest.mark.parametrize(
    "has",
    [
        lambda m: m.parcel is None,
        lambda m: m.parcel and m.order.to_come,
        lambda m: m.parcel and m.parcel.url,
        lambda m: m.order.deadline,
        lambda m: m.order.left_to_pay and m.order.payment_due,
        lambda m: m.order.discount and any(line.discount for line in m.order.lines),
        lambda m: any(line.returned for line in m.order.lines),
        lambda m: m.fields.get("booked_time", "").endswith("Z"),
        lambda m: m.words,
        lambda m: len(m.order.name) > 200 and "{{" in m.order.name and "<b>" in m.order.name,
        lambda m: not m.order.name and not m.words and not m.fields,
    ],
)
def test_there_is_one_of_every_sort(home, has):
    found, _, _ = samples(home)

    assert any(has(message) for message in found if message.staff is None)


def test_the_amounts_of_an_order_add_up(home):
    for message in samples(home)[0]:
        order = message.order
        lines = sum(line.total for line in order.lines)
        assert lines + order.shipping_price + order.payment_fee - order.discount == order.total


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_every_template_of_ours_serves_every_message(home, channel):
    found, _, channels = samples(home, channel)

    assert isinstance(channels[channel], KnowsTemplates)
    for message in found:
        rendered = channels[channel].render(message)
        assert message.order.number == 100001
        assert "100001" in rendered.body
    assert list(channels[channel].unused_templates(found)) == []


# ── What the checks find with them ───────────────────────────────────────────────────────────


FAULTS = {
    "email/shipped.sv.txt": (
        "Hej\n\n{{ nam }}",
        "shipped.sv.txt:3: there is no value nam; did you mean name?",
    ),
    "email/frame.html": ("<p>{{ lines[0].prise }}</p>", "frame.html:1: there is no value prise"),
    "email/in_the_box.en.txt": ("Hello\n\n{% endif %}", "in_the_box.en.txt:3: misspelt, Jinja says"),
    "email/picking_list.sv.txt": (
        "Plock\n\n{{ staff.shelf }}",
        "picking_list.sv.txt:3: there is no value shelf",
    ),
    "sms/soon.sv.txt": ("{{ parcel.numer }}", "soon.sv.txt:1: there is no value numer; did you mean number?"),
    "sms/status.en.txt": (
        "{{ staff.phone }}",
        "status.en.txt:1: there is no value staff in messages to customers",
    ),
    "sms/shipped.sv.txt": (
        "{% if parcel %}{{ 'x' * lines[0].quantity * 10**10 }}{% endif %}",
        "shipped.sv.txt: ",
    ),
}


def put(home: Path, name: str, text: str) -> None:
    path = home / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_faults_in_templates_are_found_before_they_are_sent_all_at_once_and_each_once(ashop, home):
    faults = {
        name: fault for name, fault in FAULTS.items() if name != "email/frame.html"
    }  # it goes before all others
    for name, (text, _) in faults.items():
        put(home, name, text)

    result = ashop("settings", "check", home=home, lang="en")

    assert result.exit_code == 1
    assert [result.output.count(words) for _, words in faults.values()] == [1] * len(faults)
    assert [name for name in faults if f"template templates/{name}" not in result.output] == []


@pytest.mark.parametrize(("command", "name"), [("settings", "email/frame.html"), ("flow", "sms/soon.sv.txt")])
def test_a_fault_is_found_in_a_part_and_by_the_check_of_the_flows(ashop, home, command, name):
    text, words = FAULTS[name]
    put(home, name, text)

    result = ashop(command, "check", home=home, lang="en")

    assert result.exit_code == 1
    assert words in result.output


def test_files_that_nothing_uses_are_remarked_on_with_the_name_that_may_be_meant(ashop, home):
    meant = {
        "email/recieved.sv.txt": "; did you mean received.sv.txt?",
        "email/shipped.txt": "; did you mean shipped.",
        "sms/in_the_bax.en.txt": "; did you mean in_the_box.en.txt?",
        "email/frames.html": "; did you mean frame.html?",
        "email/qqqqqqqqqqq.txt": "\n",
        "email/inspection.sv.txt": "",
    }
    for name in meant:
        put(home, name, "{{ never_read }}")

    result = ashop("settings", "check", home=home, lang="en")

    told = "template templates/{} is not used: no status, occasion or rule asks for it{}"
    assert result.exit_code == 0
    assert [name for name, hint in meant.items() if told.format(name, hint) not in result.stderr] == []


def test_such_a_file_is_no_fault_of_the_flows_either(ashop, home):
    put(home, "email/recieved.sv.txt", "Hej")

    result = ashop("flow", "check", home=home, lang="en")

    assert result.exit_code == 0
    assert "recieved.sv.txt is not used" in next(
        r for r in result.stdout.splitlines() if r.startswith("note")
    )


def test_files_that_are_in_use_are_not_remarked_on(ashop, home):
    for name in (
        "email/in_the_box.sv.txt", "email/picking_list.sv.txt", "email/order.html", "email/frame_staff.txt",
        "email/staff.en.txt", "sms/short.sv.txt", "sms/soon.en.txt", "sms/reminder.sv.txt", "sms/shipped_return.en.txt",
        "email/received.sv.txt~", "email/.received.sv.txt.swp", "email/README", "email/.gitkeep.txt",
    ):  # fmt: skip
        put(home, name, "Hej {{ number }}")
    put(home, "email/received.sv.txt", "Hej\n\n{% include 'greeting.txt' %}")
    put(home, "email/greeting.txt", "Hälsningar, {{ shop_name }}")

    result = ashop("settings", "check", home=home, lang="en")

    assert result.exit_code == 0
    assert "is not used" not in result.stderr


def test_a_template_that_never_ends_does_not_keep_the_check_for_long(ashop, home):
    put(
        home,
        "email/frame.txt",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    )

    result = ashop("settings", "check", home=home)

    assert result.exit_code == 1
    assert result.output.count("räknar i mer än 1 s; gör den enklare") == 1

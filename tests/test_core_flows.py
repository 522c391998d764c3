"""Flows: what ships is sound, what a shop changes is merged in, and what cannot work is told with its remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashop_core.doctor import examine_shop
from ashop_core.errors import Problem, SettingsError
from ashop_core.flow_build import STANDARD, build_flows
from ashop_core.flows import FlowParts, Flows, check_flows
from ashop_core.models import (
    DeliveryMethod,
    ParcelNumber,
    PaymentMethod,
    Place,
    Role,
    Stage,
    Status,
    Transition,
)
from ashop_core.settings import StatusTable, TransitionTable, load_settings
from ashop_core.shop import Shop
from ashop_core.standard import steps
from ashop_core.testing import MakeShop, place_order, write_shop
from ashop_core.texts import Text, same

INSTALLATION = FlowParts(
    statuses=(
        Status(
            code="delivery_booked",
            label=Text("Leverans bokad", "Delivery booked"),
            customer_label=Text("Leverans bokad", "Delivery booked"),
            stage=Stage.OPEN,
            stock=Place.HELD,
        ),
        Status(
            code="installed",
            label=Text("Installerad", "Installed"),
            stage=Stage.DONE,
            stock=Place.GONE,
        ),
    ),
    transitions=(
        *steps("reviewed > delivery_booked > installed > returned", "installation"),
        *steps("delivery_booked > shipped > installed", "installation"),
        *steps("delivery_booked > cancelled", "installation"),
    ),
    delivery_methods=(
        DeliveryMethod(code="installation", label=Text("Installation", "Installation"), flow="installation"),
    ),
)


def standard() -> Flows:
    return Flows(
        {s.code: replace(s, notify=()) for s in STANDARD.statuses},
        STANDARD.transitions,
        {m.code: m for m in STANDARD.delivery_methods},
        {m.code: m for m in STANDARD.payment_methods},
    )


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., tuple[Flows, list[Problem]]]:
    """Build the flows of a shop whose `ashop.toml` says this."""

    def built(toml: str = "", *brought: FlowParts, channels: tuple[str, ...] = ()) -> Any:
        folder = write_shop(tmp_path / "shop", toml=toml)
        parts = [(f"plugin_{n}", part) for n, part in enumerate(brought)]
        return build_flows(load_settings(folder), parts, dict.fromkeys(channels, str.strip))

    return built


Build = Callable[..., tuple[Flows, list[Problem]]]


# ── What ships ───────────────────────────────────────────────────────────────────────────────────


def test_the_shipped_flows_are_sound() -> None:
    assert check_flows(standard()) == []


def test_the_shipped_flows_are_sound_with_a_plugins_own(build: Build) -> None:
    flows, problems = build("", INSTALLATION)

    assert problems == []
    assert flows.flows == ("post", "pickup", "installation")


@pytest.mark.parametrize(
    ("flow", "statuses"),
    [
        ("post", "received reviewed partly_shipped shipped delivered cancelled returned"),
        ("pickup", "received reviewed ready_for_pickup picked_up cancelled returned"),
        ("installation", "received reviewed delivery_booked shipped installed cancelled returned"),
    ],
)
def test_an_order_has_the_statuses_of_its_delivery_method(build: Build, flow: str, statuses: str) -> None:
    flows, _ = build("", INSTALLATION)
    checkout = ["started", "details_given", "awaiting_payment", "abandoned"]

    assert [s.code for s in flows.of_flow(flow)] == checkout + statuses.split()


@pytest.mark.parametrize("status", STANDARD.statuses, ids=lambda s: s.code)
def test_every_shipped_status_can_be_left_or_is_final_and_has_words_in_both_languages(status: Status) -> None:
    flows = standard()
    targets = {t for flow in flows.flows for t in flows.targets(flow, status.code)}

    assert bool(targets) != status.final
    assert status.label.sv
    assert status.label.en
    assert status.visible == (status.stage is not Stage.CHECKOUT)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.PARTIAL])
def test_every_part_of_an_orders_life_is_played_by_one_status(role: Role) -> None:
    assert standard().with_role(role).role is role


def test_what_messages_are_sent_out_of_the_box() -> None:
    assert {s.code: s.notify for s in STANDARD.statuses if s.notify} == {
        "received": ("email",),
        "ready_for_pickup": ("email", "sms"),
        "shipped": ("email", "sms"),
    }


def test_a_status_that_the_settings_no_longer_know_is_hidden_and_final() -> None:
    forgotten = standard().status("packed_by_robot")

    assert not forgotten.visible
    assert forgotten.final


def test_orders_in_a_status_that_was_removed_are_shown_and_told(make_shop: MakeShop) -> None:
    own = (
        '[statuses.packed]\nlabel = "Packad"\ncustomer_label = "Packad"\nafter = ["reviewed"]\nfinal = true\n'
    )
    shop = make_shop(toml=own)
    order = place_order(shop)
    shop.change_status(order, "reviewed")
    shop.change_status(order, "packed")

    later = make_shop()

    assert later.order(order).status == "packed"
    view = later.customer_order(order)
    assert view is not None
    assert view.status == Text("Behandlas", "In progress")  # the last one that is still known to be visible
    assert [f.code for f in examine_shop(later)] == ["unknown_status"]


# ── What a shop may change ───────────────────────────────────────────────────────────────────────


def test_a_status_of_the_shops_own_stands_between_two_others(build: Build) -> None:
    flows, problems = build(
        """
[statuses.quality_check]
label = { sv = "Kvalitetskontroll", en = "Quality check" }
stage = "open"
stock = "held"
after = ["reviewed"]
before = ["shipped"]
flows = ["post"]
"""
    )

    assert problems == []
    check = flows.find_status("quality_check")
    assert (check.label.sv, check.stage, check.stock, check.owner) == (
        "Kvalitetskontroll",
        Stage.OPEN,
        Place.HELD,
        "ashop.toml",
    )
    assert not check.visible  # shown to customers only if it says so
    assert "quality_check" in flows.targets("post", "reviewed")
    assert flows.targets("post", "quality_check") == ("shipped",)
    assert "quality_check" not in flows.targets("pickup", "reviewed")


@pytest.mark.parametrize(
    ("toml", "label", "customer_label"),
    [
        ('label = "Inkommen"', same("Inkommen"), same("Inkommen")),
        ('customer_label = "Tack!"', Text("Mottagen", "Received"), same("Tack!")),
        ('label = "Inkommen"\ncustomer_label = "Tack!"', same("Inkommen"), same("Tack!")),
        ("hidden = true", Text("Mottagen", "Received"), None),
        ('label = "Inkommen"\nhidden = true', same("Inkommen"), None),
        ('customer_label = "Tack!"\nhidden = true', Text("Mottagen", "Received"), None),
    ],
)
def test_relabelling_a_status(build: Build, toml: str, label: Text, customer_label: Text | None) -> None:
    flows, problems = build(f"[statuses.received]\n{toml}\n")

    assert problems == []
    assert (flows.find_status("received").label, flows.find_status("received").customer_label) == (
        label,
        customer_label,
    )


def test_relabelling_a_status_that_customers_read_otherwise_leaves_their_words(build: Build) -> None:
    flows, _ = build('[statuses.reviewed]\nlabel = "Kontrollerad"\n')

    assert flows.find_status("reviewed").customer_label == Text("Behandlas", "In progress")


def test_relabelling_a_checkout_status_does_not_show_it(build: Build) -> None:
    flows, problems = build('[statuses.started]\nlabel = "Korg"\n')

    assert problems == []
    assert not flows.find_status("started").visible


def test_a_new_status_that_is_said_to_be_hidden_is_hidden(build: Build) -> None:
    flows, problems = build(
        '[statuses.packed]\nlabel = "P"\ncustomer_label = "P"\nhidden = true\nafter = ["reviewed"]\nfinal = true\n'
    )

    assert problems == []
    assert not flows.find_status("packed").visible


@pytest.mark.parametrize(
    ("toml", "field", "value"),
    [
        ('stock = "free"', "stock", Place.FREE),
        ("must_be_paid = true", "must_be_paid", True),
        ("must_be_approved = true", "must_be_approved", True),
        ("reason_required = true", "reason_required", True),
        ('template = "thanks"', "template", "thanks"),
        ('notify = ["sms"]', "notify", ("sms",)),
        ("notify = []", "notify", ()),
    ],
)
def test_each_property_of_a_status_can_be_set(build: Build, toml: str, field: str, value: object) -> None:
    flows, problems = build(f"[statuses.received]\n{toml}\n", channels=("email", "sms"))

    assert problems == []
    assert getattr(flows.find_status("received"), field) == value


def test_a_status_that_ships_wanting_a_channel_goes_without_it(build: Build) -> None:
    flows, problems = build("", channels=("sms",))

    assert problems == []
    assert {s.code: s.notify for s in flows.statuses.values() if s.notify} == {
        "ready_for_pickup": ("sms",),
        "shipped": ("sms",),
    }


def test_a_channel_named_twice_sends_once(build: Build) -> None:
    flows, problems = build('[statuses.received]\nnotify = ["email", "email"]\n', channels=("email",))

    assert problems == []
    assert flows.find_status("received").notify == ("email",)


def test_a_transition_is_added_in_every_flow_or_in_one(build: Build) -> None:
    flows, problems = build(
        """
[[transitions]]
from = "reviewed"
to = "received"

[[transitions]]
from = "shipped"
to = "reviewed"
flows = ["post"]
"""
    )

    assert problems == []
    assert "received" in flows.targets("post", "reviewed")
    assert "received" in flows.targets("pickup", "reviewed")
    assert "reviewed" in flows.targets("post", "shipped")
    assert "reviewed" not in flows.targets("pickup", "shipped")


@pytest.mark.parametrize(
    ("toml", "flows"),
    [
        ('[statuses.a]\nlabel = "A"\nafter = ["reviewed"]\nbefore = ["shipped"]\n', {"post"}),
        ('[statuses.a]\nlabel = "A"\nafter = ["reviewed"]\nbefore = ["ready_for_pickup"]\n', {"pickup"}),
        ('[statuses.a]\nlabel = "A"\nafter = ["received"]\nbefore = ["reviewed"]\n', {"post", "pickup"}),
        ('[statuses.a]\nlabel = "A"\nafter = ["reviewed"]\nfinal = true\n', {"post", "pickup"}),
        ('[statuses.a]\nlabel = "A"\nafter = ["shipped"]\nfinal = true\n', {"post"}),
        (
            '[statuses.b]\nlabel = "B"\nafter = ["a"]\nbefore = ["shipped"]\n'
            '[statuses.a]\nlabel = "A"\nafter = ["reviewed"]\n',
            {"post"},
        ),
    ],
)
def test_a_status_without_flows_belongs_to_those_it_fits_into(
    build: Build, toml: str, flows: set[str]
) -> None:
    built, problems = build(toml)

    assert problems == []
    assert {flow for flow in built.flows if "a" in {s.code for s in built.of_flow(flow)}} == flows


def test_a_status_that_fits_into_no_flow_is_told(build: Build) -> None:
    _, problems = build('[statuses.a]\nlabel = "A"\nafter = ["picked_up"]\nbefore = ["partly_shipped"]\n')

    assert problems


@pytest.mark.parametrize(
    ("where", "left"), [("", set()), ('flows = ["post"]', {"pickup"}), ('flows = ["pickup"]', {"post"})]
)
def test_a_transition_is_taken_away_in_every_flow_or_in_one(build: Build, where: str, left: set[str]) -> None:
    flows, problems = build(
        f'[[transitions]]\nfrom = "received"\nto = "cancelled"\nallowed = false\n{where}\n'
    )

    assert problems == []
    assert {flow for flow in flows.flows if "cancelled" in flows.targets(flow, "received")} == left


def test_delivery_methods_are_changed_added_and_switched_off(build: Build) -> None:
    flows, problems = build(
        """
[delivery.post]
price = 4900
parcel_number = "required"

[delivery.bike]
label = { sv = "Cykelbud", en = "Bicycle" }
price = 9900
needs_address = true

[delivery.pickup]
enabled = false
"""
    )

    assert problems == []
    assert list(flows.delivery_methods) == ["post", "bike"]
    post, bike = flows.delivery_methods.values()
    assert (post.label.sv, post.price, post.parcel_number) == ("Posten", 4900, ParcelNumber.REQUIRED)
    assert (bike.flow, bike.price, bike.owner) == ("post", 9900, "ashop.toml")


def test_payment_methods_are_changed_added_and_switched_off(build: Build) -> None:
    flows, problems = build(
        """
[payment.swish]
label = "Swish"
pays_first = true

[payment.card]
enabled = false

[payment.invoice]
needs_approval = false
"""
    )

    assert problems == []
    assert list(flows.payment_methods) == ["invoice", "swish"]
    assert not flows.payment_methods["invoice"].needs_approval


def test_changing_a_method_leaves_it_in_its_place(build: Build) -> None:
    flows, _ = build("[delivery.post]\nprice = 1\n[payment.card]\npays_first = true\n")

    assert list(flows.delivery_methods) == ["post", "pickup"]
    assert list(flows.payment_methods) == ["card", "invoice"]


# ── What cannot work ─────────────────────────────────────────────────────────────────────────────

NEW = 'label = "Ny"\n'


@pytest.mark.parametrize(
    ("toml", "code", "key", "sv", "en"),
    [
        (
            f'[statuses.packed]\n{NEW}after = ["reviewed"]\nflows = ["post"]\n',
            "dead_end",
            "statuses.packed",
            "lägg till en övergång eller final = true",
            "add a transition or final = true",
        ),
        (
            f'[statuses.packed]\n{NEW}after = ["reviewed", "packed"]\nflows = ["post"]\n',
            "dead_end",
            "statuses.packed",
            "återvändsgränd",
            "dead end",
        ),
        (
            f"[statuses.packed]\n{NEW}final = true\n",
            "unreachable",
            "statuses.packed",
            "sätt after = [...]",
            "set after = [...]",
        ),
        (
            f'[statuses.also_start]\n{NEW}stage = "checkout"\nrole = "start"\nbefore = ["details_given"]\n',
            "role_twice",
            "started, also_start",
            "behåll den på en",
            "leave it on one",
        ),
        (
            '[[transitions]]\nfrom = "reviewed"\nto = "details_given"\n',
            "back_to_checkout",
            "reviewed -> details_given",
            "ta bort den",
            "remove it",
        ),
        (
            '[[transitions]]\nfrom = "details_given"\nto = "shipped"\n',
            "skips_placement",
            "details_given -> shipped",
            "går förbi received",
            "skips received",
        ),
        (
            '[statuses.awaiting_payment]\nstage = "open"\n',
            "skips_placement",
            "details_given -> awaiting_payment",
            "går förbi received",
            "skips received",
        ),
        (
            '[statuses.received]\nstage = "checkout"\n',
            "placed_in_checkout",
            "statuses.received",
            'sätt stage = "open"',
            'set stage = "open"',
        ),
        (
            f'[statuses.packed]\n{NEW}after = ["reviewed"]\nfinal = true\nnotify = ["email"]\n',
            "hidden_notifies",
            "statuses.packed.notify",
            "ge den customer_label",
            "give it a customer_label",
        ),
        (
            "[statuses.received]\nhidden = true\n",
            "hidden_notifies",
            "statuses.received.notify",
            "ta bort notify",
            "remove notify",
        ),
        (
            '[statuses.started]\nnotify = ["email"]\n',
            "hidden_notifies",
            "statuses.started.notify",
            "dold för kunden och kan inte skicka något till kunden: ta bort notify",
            "hidden from the customer and cannot send the customer anything: remove notify",
        ),
        (
            '[statuses.abandoned]\ncustomer_label = "Avbruten"\n',
            "checkout_visible",
            "statuses.abandoned.customer_label",
            "ta bort den",
            "remove it",
        ),
        (
            '[statuses.received]\nnotify = ["pigeon"]\n',
            "invalid",
            "statuses.received.notify",
            "slå på insticksmodulen pigeon",
            "enable the plugin pigeon",
        ),
        (
            '[[transitions]]\nfrom = "reviewed"\nto = "packed"\n',
            "unknown_status",
            "reviewed -> packed",
            "packed, som inte finns",
            "packed, which does not exist",
        ),
        (
            '[[transitions]]\nfrom = "reviewed"\nto = "shipped"\nflows = ["owl"]\n',
            "unknown_flow",
            "owl",
            "inget leveranssätt följer",
            "no delivery method follows",
        ),
        (
            '[[transitions]]\nfrom = "reviewed"\nto = "delivered"\nallowed = false\n',
            "invalid",
            "transitions[0]",
            "ingen övergång reviewed -> delivered att ta bort",
            "no transition reviewed -> delivered to take away",
        ),
        (
            '[statuses.packed]\nafter = ["reviewed"]\nfinal = true\n',
            "invalid",
            "statuses.packed.label",
            "saknas för en ny status",
            "is missing for a new status",
        ),
        (
            f'[statuses."Packad ordning"]\n{NEW}after = ["reviewed"]\nfinal = true\n',
            "bad_code",
            "statuses.Packad ordning",
            "a–z, 0–9 och _",
            "a–z, 0–9 and _",
        ),
        ('[delivery."by owl"]\nlabel = "Uggla"\n', "bad_code", "delivery.by owl", "a–z", "a–z"),
        ('[payment."Kr"]\nlabel = "Kr"\n', "bad_code", "payment.Kr", "a–z", "a–z"),
        (
            '[delivery.bike]\nlabel = "Cykel"\nflow = "bicycle"\n',
            "never_done",
            "bike",
            'stage = "done"',
            'stage = "done"',
        ),
        (
            "".join(
                f'[[transitions]]\nfrom = "{source}"\nto = "received"\nallowed = false\n'
                for source in ("details_given", "awaiting_payment", "abandoned")
            ),
            "never_placed",
            "post",
            "ingen order kan nå received",
            "no order can reach received",
        ),
        (
            "[delivery.post]\nenabled = false\n[delivery.pickup]\nenabled = false\n",
            "invalid",
            "delivery",
            "inget leveranssätt är på",
            "no delivery method is enabled",
        ),
        (
            "[payment.card]\nenabled = false\n[payment.invoice]\nenabled = false\n",
            "invalid",
            "payment",
            "inget betalsätt är på",
            "no payment method is enabled",
        ),
        (
            "[delivery.pikup]\nprice = 0\n",
            "invalid",
            "delivery.pikup",
            "rätta namnet (det finns: post, pickup)",
            "correct the name (there are: post, pickup)",
        ),
        (
            "[payment.kard]\nenabled = false\n",
            "invalid",
            "payment.kard",
            "rätta namnet (det finns: card, invoice)",
            "correct the name (there are: card, invoice)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
)
def test_flows_that_cannot_work_are_told_with_file_key_and_remedy(
    build: Build, toml: str, code: str, key: str, sv: str, en: str
) -> None:
    _, problems = build(toml, channels=("email",))

    (problem, *_) = [p for p in problems if p.code == code]
    for words, remedy in ((problem.text.sv, sv), (problem.text.en, en)):
        assert words.startswith("ashop.toml: ")
        assert key in words
        assert remedy in words


def test_a_shop_whose_flows_cannot_work_does_not_open_and_leaves_no_database(
    make_shop: MakeShop, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as error:
        make_shop(
            toml='[statuses.packed]\nlabel = "P"\n\n[[transitions]]\nfrom = "shipped"\nto = "started"\n'
        )

    assert [p.code for p in error.value.problems] == [
        "back_to_checkout",
        "unreachable",
    ]
    assert all(p.text.sv in error.value.text.sv for p in error.value.problems)
    assert not list((tmp_path / "shop").glob("shop.db*"))


@pytest.mark.parametrize("role", [Role.START, Role.DETAILS, Role.PAYING, Role.ABANDONED, Role.PLACED])
def test_a_part_that_nobody_plays_is_told(role: Role) -> None:
    flows = standard()
    mute = {c: replace(s, role=None if s.role is role else s.role) for c, s in flows.statuses.items()}

    (problem,) = check_flows(replace(flows, statuses=mute))

    assert problem.code == "role_missing"
    assert f'role = "{role.value}"' in problem.text.sv


def test_two_plugins_with_the_same_code_are_both_named(build: Build) -> None:
    parts = [
        FlowParts(statuses=(replace(INSTALLATION.statuses[1], code="shipped"),)),
        FlowParts(delivery_methods=(replace(INSTALLATION.delivery_methods[0], code="post"),)),
        FlowParts(payment_methods=(PaymentMethod(code="card", label=same("Kort")),)),
    ]

    _, problems = build("", *parts)

    assert [p.code for p in problems] == ["code_twice"] * 3
    for n, problem in enumerate(problems):
        assert f"plugin_{n}" in problem.text.sv
        assert "core" in problem.text.en


def test_what_ships_may_lie_idle_when_a_delivery_method_is_switched_off(build: Build) -> None:
    _, problems = build("[delivery.pickup]\nenabled = false\n")

    assert problems == []


def test_a_plugins_steps_may_name_a_flow_that_was_switched_off(build: Build) -> None:
    flows, problems = build("[delivery.installation]\nenabled = false\n", INSTALLATION)

    assert problems == []
    assert "installation" not in flows.flows


def test_a_plugins_step_to_nowhere_is_told_with_the_plugin(build: Build) -> None:
    parts = FlowParts(transitions=(Transition(source="reviewed", target="nowhere"),))

    _, problems = build("", parts)

    assert "plugin_0" in problems[0].text.sv
    assert "nowhere" in problems[0].text.en


# ── Whatever comes ───────────────────────────────────────────────────────────────────────────────

codes = st.sampled_from([s.code for s in STANDARD.statuses] + ["a", "b", "c"])
flow_names = st.lists(st.sampled_from(["post", "pickup", "owl"]), max_size=2)
own_statuses = st.builds(
    lambda code, stage, stock, role, shown, final, notify: Status(
        code=code,
        label=same(code),
        customer_label=same(code) if shown else None,
        stage=stage,
        stock=stock,
        role=role,
        final=final,
        notify=("email",) if notify else (),
    ),
    codes,
    st.sampled_from(Stage),
    st.sampled_from([*Place, None]),
    st.sampled_from([None] * 9 + list(Role)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
own_steps = st.builds(
    lambda source, target, flows: Transition(
        source=source, target=target, flows=frozenset(flows), owner="ashop.toml"
    ),
    codes,
    codes,
    flow_names,
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.lists(own_statuses, max_size=3),
    st.lists(own_steps, max_size=4),
    st.sets(st.integers(0, 20), max_size=3),
)
def test_flows_without_a_problem_can_be_walked_from_start_to_end(
    statuses: list[Status], added: list[Transition], taken: set[int]
) -> None:
    shipped = standard()
    flows = replace(
        shipped,
        statuses={**shipped.statuses, **{s.code: s for s in statuses}},
        transitions=(*(t for n, t in enumerate(shipped.transitions) if n not in taken), *added),
    )

    problems = check_flows(flows)

    for problem in problems:
        assert problem.text.sv
        assert problem.text.en
    if not problems:
        assert_walkable(flows)


def assert_walkable(flows: Flows) -> None:
    for flow in flows.flows:
        reached = flows.of_flow(flow)
        assert flows.with_role(Role.START) in reached
        assert flows.with_role(Role.PLACED) in reached
        assert any(status.stage is Stage.DONE for status in reached)
        for status in reached:
            targets = [flows.find_status(code) for code in flows.targets(flow, status.code)]
            assert status.final or any(target is not status for target in targets)
            assert not status.notify or status.visible
            if status.stage is not Stage.CHECKOUT:
                assert all(target.stage is not Stage.CHECKOUT for target in targets)


neighbours = st.lists(codes, max_size=2).map(tuple)
own_tables = st.builds(
    StatusTable,
    label=st.just(same("Ny")),
    hidden=st.booleans(),
    stage=st.sampled_from([None, None, *Stage]),
    stock=st.sampled_from([None, *Place]),
    final=st.sampled_from([None, True]),
    after=neighbours,
    before=neighbours,
    flows=flow_names.map(tuple),
)
step_tables = st.builds(
    TransitionTable, from_=codes, to=codes, flows=flow_names.map(tuple), allowed=st.booleans()
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(codes, own_tables, max_size=3), st.lists(step_tables, max_size=2).map(tuple))
def test_whatever_a_shop_adds_and_takes_away_it_can_be_walked_or_is_told(
    tmp_path_factory: pytest.TempPathFactory,
    tables: dict[str, StatusTable],
    added: tuple[TransitionTable, ...],
) -> None:
    shop = load_settings(write_shop(tmp_path_factory.getbasetemp() / "walk"))
    changed = replace(shop, statuses=tables, transitions=added)

    flows, problems = build_flows(changed, [], dict.fromkeys(("email", "sms"), str.strip))

    if not problems:
        assert_walkable(flows)
        for code in set(tables) - {s.code for s in STANDARD.statuses}:
            assert any(code in {s.code for s in flows.of_flow(flow)} for flow in flows.flows)


def test_the_shop_serves_the_flows_that_were_built(make_shop: MakeShop) -> None:
    shop: Shop = make_shop(toml='[statuses.received]\nlabel = "Inkommen"\n')

    order = place_order(shop)

    assert shop.flows.status(order.status).label.sv == "Inkommen"
    assert [s.code for s in shop.flows.next_statuses(order)] == ["reviewed", "cancelled"]

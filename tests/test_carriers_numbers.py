"""Whose a parcel number may be: published examples of every form, their check digits, and arbitrary text."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ashop_carriers.candidates import candidates, compact
from ashop_carriers.carriers import CARRIERS
from ashop_carriers.check_digits import S10_WEIGHTS, gs1_fits, luhn_fits, s10_fits, seven_fits
from ashop_carriers.formats import FORMATS

# The number, its surest carrier, and whether its check digit is right (None: the form has none that is published).
# From the UPU's and GS1's own examples, the carriers' documentation, and numbers seen in public.
EXAMPLES = [
    ("RB473124829SE", "postnord", True),  # the UPU's example, 47312482 with check digit 9
    ("RB123456785DK", "postnord", True),
    ("CP 123 456 785 NO", "bring", True),
    ("RB123456785FI", "posti", True),
    ("RB123456785AX", "aland_post", True),
    ("RB123456785IS", "posturinn", True),
    ("RB123456785FO", "posta", True),
    ("RB123456785GL", "tusass", True),
    ("RB123456785GB", None, True),
    ("rb123456785us", None, True),
    ("CP476340265IE", None, True),
    ("RB123456786SE", "postnord", False),
    ("84971563697SE", "postnord", None),  # PostNord's test number
    ("00573132901588003506", "postnord", True),  # prefix 731
    ("573132901588003506", "postnord", True),
    ("(00) 5 7313290158800350 6", "postnord", True),
    ("00573132901588003507", "postnord", False),
    ("370722152417281240", "bring", True),  # prefix 707
    ("370727790063193606", "bring", True),
    ("70714830870000256", "bring", True),  # a shipment number, not a parcel's
    ("00340433836442636597", "dhl", True),  # DHL Paket's own series
    ("00340434633751428115", "dhl", True),
    ("106141411234567897", None, True),  # GS1's example, prefix 061
    ("JJFI60000000000000001", "posti", None),
    ("3318810025", "dhl", True),  # remainder by 7
    ("8487135506", "dhl", True),
    ("JJD0099999999", "dhl", None),  # DHL's page on tracking labels, as the three below
    ("JVGL9999999999", "dhl", None),
    ("3SBCC000123456", "dhl", None),
    ("GM99999999999", "dhl", None),
    ("1Z5R89390357567127", "ups", True),
    ("1Z 879 E93 03 4683 444 0", "ups", True),
    ("1Z410E7W0392751591", "ups", True),
    ("1Z8V92A70367203024", "ups", True),
    ("1Z5R89390357567128", "ups", False),
    ("986578788855", "fedex", True),
    ("477179081230", "fedex", True),
    ("790535312317", "fedex", True),
    ("XHAX4HDA", "gls", None),
    ("01475194188635", "dpd", None),
    ("MP0108831597", "instabox", None),
]


@pytest.mark.parametrize(("number", "carrier", "check"), EXAMPLES)
def test_published_numbers_are_recognised(number, carrier, check):
    best = candidates(number)[0]

    assert (best.carrier, best.check) == (carrier, check)


@pytest.mark.parametrize(
    "number", ["", "   ", "hej", "å", "RB473124829XX", "RB473124829ZZ", "1Z", "0" * 500, "²" * 10]
)
def test_what_has_no_known_form_has_no_candidates(number):
    assert candidates(number) == []


def test_ten_digits_may_be_several_carriers():
    # 9 digits and modulus 10:2 is DB Schenker's; the same ten digits are a form of DHL's, too.
    found = candidates("1234567897")

    assert luhn_fits("1234567897")
    assert not seven_fits("1234567897")
    assert [(c.carrier, c.check) for c in found] == [("schenker", True), ("dhl", None), ("dhl", False)]


def test_a_swedish_sscc_is_nobodys_for_sure():
    found = candidates("373501099216022394")  # seen on a parcel of Bring's

    assert {"postnord", "bring", "dhl", "schenker"} == {c.carrier for c in found}
    assert max(c.confidence for c in found) <= 0.5


@pytest.mark.parametrize("number", [number for number, _, check in EXAMPLES if check])
def test_a_wrong_check_digit_makes_less_sure_and_is_still_a_candidate(number):
    plain = compact(number)
    at = 10 if plain[:2].isalpha() else len(plain) - 1
    wrong = plain[:at] + str((int(plain[at]) + 1) % 10) + plain[at + 1 :]
    right = candidates(plain)[0]

    same_form = [c for c in candidates(wrong) if (c.carrier, c.form) == (right.carrier, right.form)]

    assert [c.check for c in same_form] == [False]
    assert same_form[0].confidence < right.confidence


# ── Check digits ─────────────────────────────────────────────────────────────────────────────────


def with_check_digit(body, fits):
    return next(f"{body}{last}" for last in "0123456789" if fits(f"{body}{last}"))


def one_digit_wrong(number):
    return [
        number[:at] + other + number[at + 1 :]
        for at in range(len(number))
        for other in "0123456789"
        if other != number[at]
    ]


@given(st.text("0123456789", min_size=17, max_size=17))
def test_an_sscc_sees_every_single_wrong_digit(body):
    number = with_check_digit(body, gs1_fits)

    assert not any(gs1_fits(wrong) for wrong in one_digit_wrong(number))


@given(st.text("0123456789", min_size=8, max_size=8))
def test_an_s10_sees_every_single_wrong_digit_but_between_its_two_fives(body):
    number = with_check_digit(body, s10_fits)

    def rest(nine):
        return sum(int(d) * weight for d, weight in zip(nine, S10_WEIGHTS, strict=False)) % 11

    for wrong in one_digit_wrong(number):
        # The standard gives both remainders 0 and 6 the digit 5.
        assert s10_fits(wrong) == ({rest(number), rest(wrong)} == {0, 6} and wrong[8] == number[8])


@given(st.text("0123456789", min_size=9, max_size=9))
def test_a_schenker_number_sees_every_single_wrong_digit(body):
    number = with_check_digit(body, luhn_fits)

    assert not any(luhn_fits(wrong) for wrong in one_digit_wrong(number))


# ── Anything at all ──────────────────────────────────────────────────────────────────────────────

shapes = st.one_of(
    st.text(),
    st.text("0123456789", max_size=30),
    st.text("0123456789ABCSEJZ .-()", max_size=30),
    *(st.from_regex(form.pattern, fullmatch=True) for form in FORMATS),
)


@given(shapes)
def test_any_text_is_read_without_fault_and_the_surest_comes_first(text):
    found = candidates(text)

    assert [c.confidence for c in found] == sorted((c.confidence for c in found), reverse=True)
    assert all(0 < c.confidence <= 1 for c in found)
    assert all(c.carrier in CARRIERS if c.carrier else c.name for c in found)
    assert all(c.form.sv and c.form.en for c in found)


@given(shapes, st.sampled_from([" ", "-", "  ", "."]))
def test_grouping_a_number_changes_nothing(text, gap):
    assume(text.isascii())

    assert candidates(gap.join(text)) == candidates(text)

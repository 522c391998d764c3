"""What a customer or anybody else typed arrives as it was typed, and a shop's template gets nowhere but to its values."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ashop_core.customer import CustomerGoods, CustomerLine, CustomerParcel, MessageContext
from ashop_core.errors import InvalidInput
from ashop_core.models import Customer
from ashop_core.opening import assemble
from ashop_core.plugins import load_plugins
from ashop_core.sample_messages import sample_messages
from ashop_core.settings import ShopSettings, load_settings
from ashop_core.testing import write_shop
from ashop_core.texts import same
from ashop_core.wording import one_line
from ashop_email.templates import Templates as Mails
from ashop_sms.segments import plain
from ashop_sms.templates import Templates as Sms

EXPRESSIONS = (
    "7*191",
    "''.__class__.__mro__[1].__subclasses__()",
    "self.__init__.__globals__.__builtins__",
    "cycler.__init__.__globals__.os.popen('id').read()",
    "total",
    "staff.phone",
)
AROUND = (
    "{{%s}}", "{{ %s }}", "{{- %s -}}", "{{{%s}}}", "{%% print(%s) %%}", "{%%- set x = %s -%%}{{x}}", "${%s}",
    "$%s", "#{%s}", "*{%s}", "@(%s)", "@{%s}", "{%s}", "[[%s]]", "[(%s)]", "%%{%s}", "{!!%s!!}", "<%%= %s %%>",
    "<%% %s %%>", "<?= %s ?>", "`%s`", "~{%s}", "{{=%s}}", "${{%s}}", "\\{\\{%s\\}\\}", "{ {%s} }",
)  # fmt: skip
STATEMENTS = (
    "{% raw %}", "{% endraw %}{{ 7*191 }}", "{% for x in range(1337) %}x{% endfor %}",
    "{% include 'frame.txt' %}", "{% import 'os' as os %}", "{% extends 'frame.html' %}", "{% if true %}",
    "{% endif %}", "{% endfor %}", "{% block a %}", "{% set shop_name = 'x' %}", "{% macro a() %}",
    "{% call a() %}", "{% filter upper %}abc", "{% do 1 %}", "{%", "%}", "{{", "}}", "{#", "#}", "{# hidden #}",
    "{{ '{{' }}", "{{ '%}' }}", "# for x in y", "## note", "-- {{", "{%+ if 1 %}",
)  # fmt: skip
FORMATS = (
    "{}", "{0}", "{name}", "{0.__class__}", "{name!r}", "{:>99999}", "%s", "%d", "%(name)s", "%n%n%n",
    "%99999d", "$name", "${name}", "$(id)", "f'{7*191}'", "\\x41", "\\u0041", "\\N{DIGIT ONE}", "%41",
    "%7B%7B7*191%7D%7D", "=HYPERLINK(\"x\")",
)  # fmt: skip
MARKUP = (
    "<b>fet</b>", "<script>zq7()</script>", "<img src=x onerror=zq7()>", "\"><img src=x onerror=zq7()>",
    "'><svg/onload=zq7()>", "</td></tr></table><h1>x</h1>", "</p><p>", "</style><style>*{}",
    "</title><script>zq7()</script>", "<!--", "-->", "<!-- x -->", "<![CDATA[x]]>", "<!DOCTYPE html>",
    "<?xml version='1.0'?>", "<br>", "<br/>", "<a href=\"javascript:zq7()\">x</a>", "javascript:zq7()",
    "\" onmouseover=\"zq7()", "' style='color:red", "<iframe src=//x></iframe>", "<base href=//x>",
    "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=//x>", "<style>@import '//x'</style>",
    "<math><mi>", "<form action=//x>", "<input autofocus onfocus=zq7()>", "<plaintext>", "<xmp>", "<noscript>",
    "<template>", "<", ">", "<>", "<<b>>", "< b >", "<b\t>", "a<b>c", "[if mso]><b><![endif]",
)  # fmt: skip
ENTITIES = (
    "&", "&&", "&amp;", "&amp;amp;", "&lt;b&gt;", "&#60;b&#62;", "&#x3c;b&#x3e;", "&#0;", "&#x110000;",
    "&nbsp;", "&notit;", "&copy", "&lt", "&#123;&#123;7*191&#125;&#125;", "&lbrace;&lbrace;", "&newline;",
    "&#10;Order: 1",
)  # fmt: skip
LETTERS = (
    "\u202easÅ", "\u2066x\u2069", "\u200b{\u200b{7*191}}", "｛｛7*191｝｝", "＜b＞", "‹b›", "Å\u030a", "å", "🙂",
    "👩‍👩‍👧‍👦", "\ufeffÅsa", "İı", "ﷺ", "𝓐", "Ω≈ç√", "ʼ", "´", "‘’“”", "–—", "ﬁ", "\u0301", "ა", "漢字", "שלום",
    "\u00a0x\u00a0", "x\u00adx",
)  # fmt: skip
TYPED = tuple(
    dict.fromkeys(
        [around % EXPRESSIONS[(n + m) % 6] for n, around in enumerate(AROUND) for m in (0, 2, 3)]
        + [*STATEMENTS, *FORMATS, *MARKUP, *ENTITIES, *LETTERS]
    )
)


def test_there_are_enough_of_them():
    assert len(TYPED) >= 200


class Page(HTMLParser):
    """A page's words, its elements with their attributes' names, and its comments."""

    def __init__(self, html: str | None) -> None:
        super().__init__()
        assert html is not None
        self.words, self.elements = "", []  # type: ignore[var-annotated]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, *(name for name, _ in attrs)))

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.elements.append(("comment", data))


FIELDS = ("name", "street", "city", "item", "parcel", "booked", "words")
"""What is typed by the customer, by whoever described the goods, or by staff, and shown in every mail."""
STAFF_FIELDS = ("name", "street", "city", "item", "note", "email", "phone", "actor", "flag")


@pytest.fixture(scope="module")
def messages(tmp_path_factory):
    plugins = load_plugins(load_settings(write_shop(tmp_path_factory.mktemp("shop"))))
    return list(sample_messages(assemble(plugins)[0], ShopSettings(name="Villa & Värme"), "email"))


@pytest.fixture(scope="module")
def to_customer(messages):
    return next(m for m in messages if m.template == "partly_shipped" and m.parcel)


@pytest.fixture(scope="module")
def to_staff(messages):
    return next(m for m in messages if m.staff and m.order.parcels)


def given(field: str, typed: str) -> str:
    """Return the words as typed into a field, so that they can be told from those in another."""
    return f"<{field} {typed} {field}>"


def filled(message: MessageContext, typed: str) -> MessageContext:
    """Return the message with the words typed into every field."""
    values = {field: given(field, typed) for field in (*FIELDS, *STAFF_FIELDS)}
    goods = CustomerGoods(name=values["item"], sku=values["item"], quantity=1)
    line = CustomerLine(name=values["item"], sku=values["item"], quantity=1, unit_price=100, total=100)
    parcel = CustomerParcel(
        number=values["parcel"], carrier=same(typed), sent_at=message.order.placed_at, contents=(goods,)
    )
    order = replace(
        message.order, name=values["name"], street=values["street"], city=values["city"], lines=(line, line),
        parcels=(parcel,), to_come=(goods,), place=same(typed), delivery=same(typed), payment_method=same(typed),
    )  # fmt: skip
    staff = message.staff and replace(
        message.staff, note=values["note"], actor=values["actor"], flags=(same(values["flag"]),), is_new=False,
        customer=Customer(name=values["name"], email=values["email"], phone=values["phone"]),
    )  # fmt: skip
    return replace(
        message, order=order, parcel=parcel, words=values["words"], staff=staff,
        fields={"booked_time": values["booked"], "parcel_number": values["parcel"]},
    )  # fmt: skip


def expected(field: str, typed: str) -> list[str]:
    """Return the lines that arrive: a line break that was typed makes none, but in what staff write."""
    value = given(field, typed)
    return [one_line(line) for line in (value.splitlines() if field in ("words", "note") else [value])]


def missing(shown: str, fields: tuple[str, ...], typed: str) -> list[str]:
    return [field for field in fields for line in expected(field, typed) if line not in shown]


@pytest.fixture(scope="module")
def mails(tmp_path_factory):
    return Mails(tmp_path_factory.mktemp("no") / "templates")


@pytest.fixture(scope="module")
def sound(mails, to_customer, to_staff):
    """Return what elements the pages have when nothing strange was typed."""
    return [Page(mails.render(filled(message, "Åsa")).html).elements for message in (to_customer, to_staff)]


@pytest.mark.parametrize("typed", TYPED)
def test_it_arrives_in_a_mail_as_it_was_typed(mails, sound, to_customer, to_staff, typed):
    for message, fields, elements in zip((to_customer, to_staff), (FIELDS, STAFF_FIELDS), sound, strict=True):
        rendered = mails.render(filled(message, typed))
        page = Page(rendered.html)
        assert missing(rendered.body, fields, typed) == []
        assert missing(page.words, fields, typed) == []
        assert page.elements == elements
        assert "1337" not in (rendered.subject + rendered.body + page.words).replace("range(1337)", "")
        assert len(rendered.subject.splitlines()) == 1


EVERYTHING = """{{ name }} {{ address | join(" ") }} {{ lines[0].name }} {{ parcel.number }} {{ parcels[0].number }}
{{ fields.booked_time }} {{ booked_short }} {{ words_short }} {{ in_parcel[0].name }} {{ to_come[0].sku }}"""


@pytest.mark.parametrize("typed", TYPED)
def test_it_arrives_in_an_sms_as_it_was_typed(own_sms, to_customer, typed):
    words = own_sms.render(filled(to_customer, typed))

    fields = ("name", "street", "city", "item", "parcel", "booked")
    assert [f for f in fields for line in expected(f, typed) if plain(line) not in words] == []
    assert plain(" ".join(expected("words", typed))) in words
    assert "1337" not in words.replace("range(1337)", "")


@pytest.fixture(scope="module")
def own_sms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sms")
    (folder / "partly_shipped.sv.txt").write_text(EVERYTHING, encoding="utf-8")
    return Sms(folder, 99)


# ── A template of the shop's own gets to its values and nowhere else ─────────────────────────────────


ESCAPES = (
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr('__cl' ~ 'ass__') }}",
    "{{ ()|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ name.__init__ }}",
    "{{ name.format.__globals__ }}",
    "{{ '{0.__class__.__mro__}'.format(name) }}",
    "{{ '{0.__class__.__mro__}'.format_map({'0': name}) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(name) }}",
    "{{ ['{0.__class__}']|map('format', name)|first }}{{ '{0.__class__}'|attr('format')(name) }}",
    "{{ ''|attr('format')|attr('__self__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__dict__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ lipsum() }}",
    "{{ dict.__base__ }}",
    "{{ dict.mro() }}",
    "{{ range.__class__ }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ get_flashed_messages }}",
    "{{ url_for.__globals__ }}",
    "{{ lines.append(1) }}",
    "{{ lines.pop() }}",
    "{{ lines.sort() }}",
    "{{ fields.update({'x': 1}) }}",
    "{{ label.clear() }}",
    "{{ parcel.pop('number') }}",
    "{{ parcel.setdefault('x', 1) }}",
    "{{ lines|map(attribute='__class__')|list }}{{ nix }}",
    "{{ [name]|map('attr', '__class__')|list|first|attr('mro') }}",
    "{{ lines|sum(attribute='__class__') }}",
    "{{ lines|groupby('__class__') }}",
    "{{ lines|sort(attribute='__class__') }}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% include '../../ashop.toml' %}",
    "{% include '..\\\\ashop.toml' %}",
    "{% include '/proc/self/environ' %}",
    "{% include ['/etc/passwd', '../shop.db'] %}",
    "{% extends '//etc/passwd' %}",
    "{% include name %}",
    "{% set x = namespace() %}{% set x.__class__ = 1 %}{{ x.__class__ }}",
    "{{ (lambda: 1)() }}",
    "{{ __import__('os') }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ eval('1') }}",
    "{% for x in (1).__class__.__base__.__subclasses__() %}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% set g = (1 for x in [1]) %}",
    "{{ loop }}",
    "{% for x in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{{ undefined_thing.__class__ }}",
    "{{ nix|default(self.__init__.__globals__) }}",
    "{{ staff }}",
    "{{ balance }}",
    "{{ order.version }}",
)


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_template_that_tries_to_get_out_is_refused(own_mails, to_customer, escape):
    folder, mails = own_mails
    (folder / "partly_shipped.sv.txt").write_text(f"Hej\n\n{escape}", encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"partly_shipped\.sv\.txt:3: "):
        mails.render(to_customer)


@pytest.fixture(scope="module")
def own_mails(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mails") / "templates" / "email"
    folder.mkdir(parents=True)
    (folder.parents[1] / "ashop.toml").write_text("[shop]")
    (folder.parents[1] / "shop.db").write_text("zq7")
    return folder, Mails(folder)

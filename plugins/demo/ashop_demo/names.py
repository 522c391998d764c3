"""The words that invented customers are put together from. Nobody here exists.

Telephone numbers are from the series that the Swedish regulator keeps free for books and films, mail
addresses from domains that are kept free for examples.
"""

from __future__ import annotations

FIRST_NAMES = (
    "Anna", "Erik", "Maria", "Lars", "Karin", "Anders", "Sara", "Johan", "Emma", "Per", "Lena", "Nils",
    "Elin", "Mikael", "Åsa", "Karl", "Ingrid", "Jan", "Kerstin", "Peter", "Eva", "Thomas", "Amina",
    "Fredrik", "Hanna", "Daniel", "Sofia", "Gustav", "Birgitta", "Mattias", "Linnea", "Magnus", "Ulla",
    "Björn", "Malin", "Håkan", "Yasmin", "Stefan", "Camilla", "Oskar", "Josefin", "Bo", "Fatima", "Viktor",
    "Gunilla", "Simon", "Märta", "Hassan", "Jenny", "Göran", "Ebba", "Filip", "Moa", "Rolf", "Tove", "Leif",
    "Zahra", "Axel", "Siv", "Niklas", "Ida", "Örjan", "Petra", "Tor", "Frida", "Kjell", "Agnes", "Ali",
)  # fmt: skip

LAST_NAMES = (
    "Andersson", "Johansson", "Karlsson", "Nilsson", "Eriksson", "Larsson", "Olsson", "Persson", "Svensson",
    "Gustafsson", "Pettersson", "Lindberg", "Lindström", "Lindqvist", "Lundgren", "Berg", "Bergström",
    "Sandberg", "Forsberg", "Sjöberg", "Wallin", "Engström", "Eklund", "Danielsson", "Håkansson", "Lundin",
    "Björk", "Bergman", "Fredriksson", "Nyström", "Holm", "Löfgren", "Söderberg", "Nyberg", "Blom",
    "Mårtensson", "Nordström", "Åberg", "Öberg", "Hermansson", "Ström", "Hedlund", "Östlund", "Falk",
    "Norberg", "Sundström", "Ekström", "Granström", "Dahl", "Hellström", "Rosén", "Ahmadi", "Haddad",
    "Virtanen", "Kowalska", "Öst",
)  # fmt: skip

ENGLISH_NAMES = (
    "Emily Carter",
    "James O'Neill",
    "Priya Raman",
    "Oliver Hughes",
    "Grace Thompson",
    "Liam Walsh",
)

STREETS = (
    "Storgatan", "Kungsgatan", "Drottninggatan", "Björkvägen", "Skolgatan", "Kyrkogatan", "Ringvägen",
    "Järnvägsgatan", "Strandvägen", "Lindvägen", "Granvägen", "Tallvägen", "Ekgatan", "Solvägen",
    "Trädgårdsgatan", "Nygatan", "Vasagatan", "Parkvägen", "Fabriksgatan", "Hantverkargatan", "Bäckvägen",
    "Rönnvägen", "Åsgatan", "Ängsvägen", "Lärkvägen", "Backvägen", "Norra Hamngatan", "Södra vägen",
    "Västergatan", "Östra Promenaden", "Mejerivägen", "Kvarnvägen", "Smedjegatan", "Blåklintsvägen",
)  # fmt: skip

PLACES = (
    ("113", "Stockholm"), ("118", "Stockholm"), ("126", "Hägersten"), ("131", "Nacka"), ("151", "Södertälje"),
    ("169", "Solna"), ("184", "Åkersberga"), ("211", "Malmö"), ("222", "Lund"), ("252", "Helsingborg"),
    ("262", "Ängelholm"), ("291", "Kristianstad"), ("302", "Halmstad"), ("331", "Värnamo"), ("352", "Växjö"),
    ("371", "Karlskrona"), ("392", "Kalmar"), ("411", "Göteborg"), ("431", "Mölndal"), ("451", "Uddevalla"),
    ("461", "Trollhättan"), ("503", "Borås"), ("531", "Lidköping"), ("541", "Skövde"), ("553", "Jönköping"),
    ("582", "Linköping"), ("591", "Motala"), ("602", "Norrköping"), ("611", "Nyköping"), ("621", "Visby"),
    ("632", "Eskilstuna"), ("652", "Karlstad"), ("681", "Kristinehamn"), ("702", "Örebro"), ("722", "Västerås"),
    ("753", "Uppsala"), ("761", "Norrtälje"), ("781", "Borlänge"), ("791", "Falun"), ("802", "Gävle"),
    ("824", "Hudiksvall"), ("831", "Östersund"), ("852", "Sundsvall"), ("871", "Härnösand"),
    ("891", "Örnsköldsvik"), ("903", "Umeå"), ("931", "Skellefteå"), ("972", "Luleå"), ("981", "Kiruna"),
)  # fmt: skip

MOBILES = tuple(f"070-174 {n // 100:02d} {n % 100:02d}" for n in range(605, 700))
LANDLINES = tuple(f"08-465 004 {n:02d}" for n in range(100))
DOMAINS = ("example.se", "example.se", "example.com")

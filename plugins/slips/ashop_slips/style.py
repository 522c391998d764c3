"""How slips and pick lists look on paper: A4, black on white, fonts that every machine has."""

STYLE = """
@page { size: A4; margin: 14mm 15mm 16mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.4 "Helvetica Neue", Arial, sans-serif; color: #000; margin: 0; background: #fff }
.sheet { break-after: page }
.sheet:last-child { break-after: auto }
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 10mm;
  border-bottom: 1pt solid #000; padding-bottom: 4mm; margin-bottom: 6mm }
.shop { font-size: 12pt; font-weight: bold }
h1 b { font-size: 12pt; display: block }
h1 { font-size: 20pt; font-weight: normal; line-height: 1.15; margin: 1mm 0 0 }
.number { text-align: right }
.number strong { display: block; font-size: 30pt; line-height: 1; letter-spacing: .5pt }
.barcode { display: block; margin: 2.5mm 0 0 auto; margin-right: -4mm }
.facts { display: flex; gap: 12mm; margin-bottom: 7mm }
.facts > div { flex: 1 }
.facts h2 { margin: 0 0 1mm; font-size: 8.5pt; font-weight: normal; color: #444 }
address { font-style: normal; font-size: 12.5pt; line-height: 1.35; white-space: pre-line }
dl { display: grid; grid-template-columns: auto 1fr; gap: .5mm 4mm; margin: 0 }
dt { color: #444 }
dd { margin: 0; overflow-wrap: anywhere }
h2.part { font-size: 12pt; margin: 7mm 0 1.5mm; break-after: avoid }
table { width: 100%; border-collapse: collapse }
thead { display: table-header-group }
tr { break-inside: avoid }
th { text-align: left; font-size: 8.5pt; font-weight: normal; color: #444; padding: 0 2mm 1mm;
  border-bottom: .6pt solid #000 }
td { padding: 2mm; border-bottom: .4pt solid #999; vertical-align: top; overflow-wrap: anywhere }
.box { width: 9mm }
.sku { width: 40mm }
.box span { display: block; width: 4.6mm; height: 4.6mm; border: 1pt solid #000 }
td.sku { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 9.5pt }
.right { text-align: right; width: 24mm; white-space: nowrap }
.many { font-size: 13pt; font-weight: bold; line-height: 1.1 }
.rest td { padding: 1.2mm 2mm; color: #222 }
.rest td.sku { width: 49mm; padding-left: 11mm }
.rest .right { font-size: inherit; font-weight: normal }
tfoot td { border: 0; padding: .8mm 2mm }
tfoot tr:first-child td { padding-top: 2.5mm }
.rest tfoot tr.sum td { font-weight: bold }
.again { border: 0; padding: 0 2mm; font-size: 8.5pt; color: #444; text-align: right }
.staff { border: 1pt dashed #000; padding: 3mm 4mm; margin-top: 7mm; white-space: pre-line; break-inside: avoid }
.staff h2 { margin: 0 0 1mm; font-size: 10.5pt }
.staff p { margin: 0 0 1mm }
footer { display: flex; gap: 10mm; margin-top: 10mm; font-size: 9pt; color: #444; break-inside: avoid }
footer span { flex: 1; border-bottom: .4pt solid #666; padding-bottom: 1mm; min-height: 8mm }
footer span:last-child { flex: 0 1 auto; border: 0 }
.for { color: #222 }
.for b { font-weight: normal; white-space: nowrap; margin-right: 3mm }
@media screen { body { background: #ddd } .sheet { background: #fff; width: 210mm; margin: 6mm auto; padding: 14mm 15mm } }
"""

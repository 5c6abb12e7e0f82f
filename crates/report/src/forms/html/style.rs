//! The look of the page: readable, and fit for paper.

/// The whole style sheet; contrast is 4.5 to 1 or more everywhere.
pub(super) const STYLE: &str = "
:root { color-scheme: light; }
body { font: 16px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto;
  max-width: 60rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: .2rem 0; } h2 { font-size: 1.2rem; margin: 1.6rem 0 .4rem; }
.label { font-weight: 700; letter-spacing: .04em; margin: 0; }
.level { border-left: .4rem solid #1a1a1a; padding-left: .8rem; }
.alarm { border: .2rem solid #a40000; padding: .6rem; font-weight: 700; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #767676; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.confirmed { font-weight: 700; background: #f6d5d0; } .suspected { background: #fbe9c4; }
.ruled-out { background: #d9efdc; } .unknown { font-style: italic; background: #e8e8e8; }
figure { margin: .8rem 0; } figcaption { font-size: .85rem; } svg { width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: #1a1a1a; }
footer { margin-top: 2rem; border-top: 1px solid #767676; font-size: .85rem; }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } .first { break-after: page; }
  tr, figure { break-inside: avoid; } thead { display: table-header-group; }
  * { print-color-adjust: exact; } }
";

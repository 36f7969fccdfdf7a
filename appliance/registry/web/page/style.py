"""The look of the page: one file, light or dark as the reader's system is, down to a telephone's width."""

from typing import Final

CSS: Final = """
:root { color-scheme: light dark; --back: #fff; --words: #1b1f24; --soft: #57606a; --line: #d8dee4;
  --s0: #2868a8; --s1: #d07a1f; --s2: #2a8a7a; --s3: #8357b5; --s4: #b34b52; --s5: #7a7f1e; --s6: #9aa0a8; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171a; --words: #e4e8ec; --soft: #9aa4ae; --line: #333a41;
    --s0: #5b9bd9; --s1: #e59a4a; --s2: #4fb3a1; --s3: #a884d8; --s4: #d9777d; --s5: #aab047;
    --s6: #737a83; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--back); color: var(--words);
  font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; color: var(--soft); }
nav a { display: inline-block; padding: .35rem .6rem .35rem 0; }
a { color: var(--s0); } a[aria-current] { color: var(--words); font-weight: 600; text-decoration: none; }
.beside { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem;
  align-items: start; }
@media (max-width: 56rem) { .beside { grid-template-columns: minmax(0, 1fr); } }
svg { width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td.name { overflow-wrap: anywhere; min-width: 7.5rem; }
td.short { white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.key { display: inline-block; margin-right: .9rem; font-size: .875rem; }
.swatch { display: inline-block; width: .7rem; height: .7rem; margin-right: .4rem; border-radius: 2px; }
@media (max-width: 30rem) { table { font-size: .8rem; } th, td { padding-right: .45rem; } }
.alarm { color: var(--s4); font-weight: 600; }
.grid { stroke: var(--line); stroke-width: .6; }
.mark { fill: var(--soft); font: 10px system-ui, sans-serif; } .end { text-anchor: end; }
.s0 { fill: var(--s0); background: var(--s0); } .s1 { fill: var(--s1); background: var(--s1); }
.s2 { fill: var(--s2); background: var(--s2); } .s3 { fill: var(--s3); background: var(--s3); }
.s4 { fill: var(--s4); background: var(--s4); } .s5 { fill: var(--s5); background: var(--s5); }
.s6 { fill: var(--s6); background: var(--s6); }
"""

/** How the page looks; light and dark, narrow and wide. */

export const STYLE = `
:root { color-scheme: light dark; --ink: #17202b; --dim: #5c6a79; --line: #dfe4ea; --paper: #f6f7f9; --card: #fff;
  --accent: #0b6e6e; --wire: #c2410c }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --dim: #93a1b0; --line: #2b3541; --paper: #10161d;
  --card: #18202a; --accent: #4fc3c3; --wire: #fb923c } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 52rem; margin: 0 auto; padding: 3rem 1.25rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.02em }
h2 { font-size: 1.05rem; margin: 2.25rem 0 .75rem }
p { margin: .5rem 0; color: var(--dim); max-width: 40rem }
a { color: var(--accent) }
code, td.value, output, #info { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden }
table { width: 100%; border-collapse: collapse }
td { padding: .5rem .9rem; border-top: 1px solid var(--line); vertical-align: baseline }
tr:first-child td { border-top: 0 }
td.name { color: var(--dim); white-space: nowrap; width: 12rem }
td.note { color: var(--dim); font-size: .85em; text-align: right; width: 17rem }
ul { list-style: none; margin: 0; padding: 0 }
li { padding: .55rem .9rem; border-top: 1px solid var(--line) }
li:first-child { border-top: 0 }
li span { color: var(--dim); margin-left: .5rem; font-size: .9em }
form { padding: .9rem; display: flex; gap: .75rem; flex-wrap: wrap; align-items: center }
button { font: inherit; padding: .3rem .9rem; border: 1px solid var(--accent); border-radius: .4rem; background: none;
  color: var(--accent); cursor: pointer }
output { flex-basis: 100%; overflow-wrap: anywhere }
output:empty { display: none }
svg { width: 100%; height: auto; display: block }
svg text { font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink) }
svg .dim { fill: var(--dim) }
svg .life { stroke: var(--line); stroke-width: 2 }
svg path { fill: none; stroke: var(--dim); stroke-width: 1.5 }
svg .open path { stroke: #15803d } svg .data path { stroke: var(--accent) } svg .close path { stroke: var(--wire) }
svg .reset path { stroke: #dc2626 }
#ladder { padding: .9rem }
#info { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .15rem 1.5rem; padding: .9rem;
  margin: 0; font-size: .85em }
#info div { display: flex; justify-content: space-between; gap: 1rem }
#info dt { color: var(--dim) } #info dd { margin: 0 }
progress { flex: 1; accent-color: var(--accent) }
@media (max-width: 34rem) { td { display: block; border: 0; padding: 0 .9rem } td.name { padding-top: .6rem }
  td.note { text-align: left; padding-bottom: .5rem } tr + tr td.name { border-top: 1px solid var(--line) } }
`;

/** The page of `GET /`: one file, nothing loaded from elsewhere. */

import type { Fact } from './facts.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #17202b; --dim: #5c6a79; --line: #dfe4ea; --paper: #f6f7f9; --card: #fff;
  --accent: #0b6e6e; --wire: #c2410c }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --dim: #93a1b0; --line: #2b3541; --paper: #10161d;
  --card: #18202a; --accent: #4fc3c3; --wire: #fb923c } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.02em }
h2 { font-size: 1.05rem; margin: 2.25rem 0 .75rem }
p { margin: .5rem 0; color: var(--dim); max-width: 40rem }
a { color: var(--accent) }
code, td.value, output { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em }
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
svg { width: 100%; height: auto; display: block; margin: 1.5rem 0 0 }
@media (max-width: 34rem) { td { display: block; border: 0; padding: 0 .9rem } td.name { padding-top: .6rem }
  td.note { text-align: left; padding-bottom: .5rem } tr + tr td.name { border-top: 1px solid var(--line) } }
`;

const SCRIPT = `
const facts = document.getElementById('facts');
setInterval(async () => {
  const answer = await fetch('/connection').catch(() => null);
  if (!answer?.ok) return;
  const cell = (row, name, text) => { const td = row.insertCell(); td.className = name; td.textContent = text };
  const rows = (await answer.json()).map((fact) => {
    const row = document.createElement('tr');
    cell(row, 'name', fact.name); cell(row, 'value', fact.value); cell(row, 'note', fact.note);
    return row;
  });
  facts.replaceChildren(...rows);
}, 2000);
document.forms.upload.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target, said = form.querySelector('output'), file = form.file.files[0];
  if (!file) { said.textContent = 'Choose a file first.'; return }
  said.textContent = 'Sending ' + file.size + ' bytes…';
  const answer = await fetch('/upload', { method: 'POST', body: file }).catch(() => null);
  said.textContent = answer?.ok ? 'SHA-256 ' + await answer.text() : 'The upload failed.';
});
`;

/** A segment drawn between two lines of life. */
const STEPS = [
  ['SYN', true],
  ['SYN ACK', false],
  ['ACK', true],
  ['GET /', true],
  ['200 OK', false],
] as const;

/** The page about the connection with these facts. */
export function renderPage(facts: readonly Fact[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>This page crossed our own TCP</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>This page crossed our own TCP</h1>
<p>Every byte you see came through a TCP/IP stack written in TypeScript that runs in user space, with a handshake,
windows and a retransmission timer of its own.</p>
${drawing()}
<h2>This connection, now</h2>
<div class="card"><table><tbody id="facts">
${facts.map(factRow).join('\n')}
</tbody></table></div>
<h2>More to fetch</h2>
<div class="card"><ul>
${linkItem('/bytes/1000000', 'a million pseudo-random bytes; their SHA-256 follows in a trailer')}
${linkItem('/bytes/1000000/sha256', 'the same SHA-256 as text; any number up to 10 GiB works')}
${linkItem('/connection', 'the table above as JSON')}
<li><code>POST /upload</code><span>answers with the SHA-256 and the length of what you send</span></li>
</ul></div>
<h2>Send a file</h2>
<div class="card"><form name="upload"><input type="file" name="file" aria-label="File to send"><button>Send</button><output></output></form></div>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function factRow({ name, value, note }: Fact): string {
  return `<tr><td class="name">${escapeHtml(name)}</td><td class="value">${escapeHtml(value)}</td><td class="note">${escapeHtml(note)}</td></tr>`;
}

function linkItem(href: string, note: string): string {
  return `<li><a href="${href}"><code>GET ${href}</code></a><span>${note}</span></li>`;
}

/** How this page came to you: two lines of life and the segments between them. */
function drawing(): string {
  const arrows = STEPS.map(([text, toUs], i) => {
    const y = 34 + i * 26;
    const [from, to, head] = toUs ? [150, 570, 'M562 -4L570 0L562 4'] : [570, 150, 'M158 -4L150 0L158 4'];
    return `<g transform="translate(0 ${y})"><path d="M${from} 0H${to}${head}"/><text x="360" y="-5">${text}</text></g>`;
  });
  return `<svg viewBox="0 0 720 158" role="img" aria-label="Three segments open the connection, then request and answer cross">
<g fill="none" stroke="var(--line)" stroke-width="2"><path d="M150 22V152M570 22V152"/></g>
<g fill="none" stroke="var(--wire)" stroke-width="1.5">${arrows.join('').replaceAll('<text', '<text stroke="none" fill="var(--dim)" font-size="12" text-anchor="middle"')}</g>
<g fill="var(--ink)" font-size="14" text-anchor="middle"><text x="150" y="14">your end</text><text x="570" y="14">our stack</text></g>
</svg>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

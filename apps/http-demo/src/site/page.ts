/** The page of `GET /`: one file, nothing loaded from elsewhere. */

import type { TcpInfo } from '@tcpstack/sockets/syscalls';
import type { Fact } from './facts.ts';
import { escapeHtml } from './html.ts';
import { ladderSvg } from './ladder-svg.ts';
import { SCRIPT } from './page-script.ts';
import { STYLE } from './page-style.ts';
import type { Snapshot } from './snapshot.ts';

/** The parts of the page that change, by the ids of their elements; what `/events` sends. */
export function liveParts(snapshot: Snapshot): {
  readonly facts: string;
  readonly info: string;
  readonly ladder: string;
} {
  const { facts, tcpInfo, segments } = snapshot;
  return {
    facts: facts.map(factRow).join('\n'),
    info: tcpInfo === null ? '' : infoItems(tcpInfo),
    ladder: segments === null ? '<p>Nobody watched this connection.</p>' : ladderSvg(segments),
  };
}

/** The page about the connection of this snapshot. */
export function renderPage(snapshot: Snapshot): string {
  const { facts, info, ladder } = liveParts(snapshot);
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
windows and a retransmission timer of its own. It came as ${escapeHtml(snapshot.protocol)}.</p>
<p id="live">This is what the server saw when it sent the page.</p>
<h2>The segments of this connection</h2>
<div class="card" id="ladder">${ladder}</div>
<h2>This connection, now</h2>
<div class="card"><table><tbody id="facts">
${facts}
</tbody></table></div>
<h2>TCP_INFO, as the kernel's <code>struct tcp_info</code> has it</h2>
<div class="card"><dl id="info">${info}</dl></div>
<h2>More to fetch</h2>
<div class="card"><ul>
${linkItem('/bytes/1000000', 'a million pseudo-random bytes; Content-Digest has their SHA-256 (RFC 9530)')}
${linkItem('/bytes/1000000/sha256', 'the same SHA-256 as text; any number up to 10 GiB works')}
${linkItem('/files/', 'a folder of files, with ranges')}
${linkItem('/connection', 'all of the above as JSON')}
<li><code>GET /events</code><span>the same as server-sent events</span></li>
<li><code>POST /upload</code><span>answers with the SHA-256 and the length of what you send</span></li>
</ul></div>
<h2>Send a file</h2>
<div class="card"><form name="upload"><input type="file" name="file" aria-label="File to send"><button>Send</button><progress hidden></progress><output></output></form></div>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function factRow({ name, value, note }: Fact): string {
  return `<tr><td class="name">${escapeHtml(name)}</td><td class="value">${escapeHtml(value)}</td><td class="note">${escapeHtml(note)}</td></tr>`;
}

function infoItems(info: TcpInfo): string {
  return Object.entries(info)
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
    .join('\n');
}

function linkItem(href: string, note: string): string {
  return `<li><a href="${href}"><code>GET ${href}</code></a><span>${note}</span></li>`;
}

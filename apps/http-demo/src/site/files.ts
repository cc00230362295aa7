/** `/files/`: a folder, with ranges, validators and types by `send`. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import send from 'send';
import { type Answer, send as answer, text } from './answers.ts';
import { escapeHtml } from './html.ts';

/** The demo's own. */
const OWN_FOLDER = fileURLToPath(new URL('../../files/', import.meta.url));
const ENTRIES_MAX = 1000;
const MESSAGES: Readonly<Record<number, string>> = {
  403: 'That is not to be seen.',
  404: 'There is no such file.',
  412: 'It is not as you supposed.',
  416: 'There are no such bytes in it.',
};

/** @param path Below `/files`, as it was sent: "/handshake.txt". */
export function filesAnswer(folder: string = OWN_FOLDER): (path: string) => Answer {
  return (path) => (request, response) => {
    send(request, path, { root: folder, index: false, dotfiles: 'ignore', acceptRanges: true })
      .on('error', (error: { readonly status: number }) => {
        // Of what `send` has set, "Content-Range: bytes */N" says which ranges there are (RFC 9110 §15.5.17).
        text(response, error.status, `${MESSAGES[error.status] ?? 'That cannot be sent.'}\n`);
      })
      .on('directory', (_response: unknown, found: string) => {
        if (!path.endsWith('/')) {
          response.setHeader('Location', `/files${path}/`);
          return text(response, 301, `It is a folder: /files${path}/\n`);
        }
        listing(path, found).then(
          (page) => answer(response, 200, 'text/html; charset=utf-8', page),
          () => text(response, 404, 'There is no such folder.\n'),
        );
      })
      .pipe(response);
  };
}

async function listing(path: string, folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort()
    .slice(0, ENTRIES_MAX);
  const items = names.map(
    (name) =>
      `<li><a href="${encodeURI(name).replaceAll('#', '%23').replaceAll('?', '%3F')}">${escapeHtml(name)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>/files${escapeHtml(path)}</title><link rel="icon" href="data:,">
<h1>/files${escapeHtml(path)}</h1>
<ul>
<li><a href="..">..</a></li>
${items.join('\n')}
</ul>
</html>
`;
}

// HTTP and TLS over local sockets, which are not TCP.
const { existsSync, mkdtempSync, rmSync } = require('node:fs');
const http = require('node:http');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const tls = require('node:tls');
const { once } = require('node:events');
const { makeCertificate } = require('../certificate.cjs');

const folder = mkdtempSync(join(tmpdir(), 'hooked-'));
const { key, cert } = makeCertificate();

async function main() {
  const path = join(folder, 'http');
  const web = http.createServer((request, response) => response.end(`${request.url} ${request.socket.remoteAddress}`));
  web.listen(path);
  await once(web, 'listening');
  console.log(web.address() === path);
  const [response] = await once(http.get({ socketPath: path, path: '/x', agent: false }), 'response');
  for await (const part of response) console.log(String(part));
  web.close();
  await once(web, 'close');
  console.log('left behind', existsSync(path));

  const secure = tls.createServer({ key, cert }, (socket) => socket.end('over TLS')).listen(join(folder, 'tls'));
  await once(secure, 'listening');
  const client = tls.connect({ path: join(folder, 'tls'), ca: cert, servername: 'localhost' });
  for await (const part of client) console.log(String(part), client.authorized);
  secure.close();
}

void main().finally(() => rmSync(folder, { recursive: true }));

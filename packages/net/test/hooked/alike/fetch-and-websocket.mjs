// What Node has bundled: fetch over TLS with connections that are kept, and WebSocket.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import certificates from '../certificate.cjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const { key, cert } = certificates.makeCertificate();
const connections = new Set();
const web = https.createServer({ key, cert }, (request, response) => {
  connections.add(request.socket.remotePort);
  let bytes = 0;
  request.on('data', (data) => {
    bytes += data.length;
  });
  request.on('end', () => response.end(`${request.method} ${request.socket.remoteAddress} ${bytes}`));
});
web.listen(0, '127.0.0.1');
await once(web, 'listening');
for (const bytes of [1, 100_000, 1_000_000]) {
  const response = await fetch(`https://127.0.0.1:${web.address().port}/`, { method: 'POST', body: 'y'.repeat(bytes) });
  console.log(response.status, await response.text());
}
console.log('connections', connections.size);
web.closeAllConnections();
web.close();

const KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, 1.3
const talk = http.createServer().listen(0, '127.0.0.1');
talk.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${KEY}`).digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
  socket.write(Buffer.from([0x81, 2, 0x68, 0x69]));
  socket.on('data', (frame) => {
    if ((frame[0] & 15) === 8) socket.end(Buffer.from([0x88, 0]));
  });
});
await once(talk, 'listening');
const client = new WebSocket(`ws://127.0.0.1:${talk.address().port}/`);
client.onmessage = ({ data }) => {
  console.log('message', data);
  client.close();
};
client.onclose = () => talk.close();

// TLS that does not come about, in each of the ways that there are.
const net = require('node:net');
const tls = require('node:tls');
const { once } = require('node:events');
const { makeCertificate } = require('../certificate.cjs');

const { key, cert } = makeCertificate();
const open = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};
const life = (socket) =>
  new Promise((resolve) => {
    const events = [];
    for (const event of ['lookup', 'connect', 'ready', 'secureConnect', 'timeout', 'end', 'error', 'close']) {
      socket.on(event, (error) => events.push(error?.code ? `${event} ${error.code}` : event));
    }
    socket.on('close', () => resolve(events.join(', ')));
  });

async function main() {
  const rude = net.createServer((socket) => socket.once('data', () => socket.destroy()));
  console.log('hangs up:', await life(tls.connect(await open(rude), '127.0.0.1')));
  rude.close();

  const secure = tls.createServer({ key, cert });
  secure.on('tlsClientError', (error, socket) => console.log('server:', error.code, socket.remoteAddress));
  const port = await open(secure);
  const plain = net.connect(port, '127.0.0.1').resume();
  plain.write('hello, this is not TLS\n');
  await once(plain, 'close');

  const named = tls.connect({ port, host: 'localhost', ca: cert });
  const lived = life(named);
  const [far] = await once(secure, 'secureConnection');
  named.end(`${named.authorized} ${named.getProtocol()}`);
  // Nobody has read that yet, so the other side has not come to the end.
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log('unread:', named.readyState, far.readyState);
  far.on('data', (data) => console.log('by name:', String(data)));
  console.log('by name:', await lived);
  secure.close();

  const silent = net.createServer(() => {});
  const patient = tls.connect({ port: await open(silent), host: '127.0.0.1', timeout: 30 });
  patient.on('timeout', () => patient.destroy());
  console.log('waits:', await life(patient));
  const { port: again } = silent.address();
  console.log('aborted:', await life(tls.connect({ port: again, host: '127.0.0.1', signal: AbortSignal.timeout(30) })));
  process.exit(0);
}

void main();

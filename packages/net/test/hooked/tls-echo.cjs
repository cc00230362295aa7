// An echo over TLS; then TLS over a connection that began in the clear, from both sides; then what fails.
const net = require('node:net');
const tls = require('node:tls');
const { once } = require('node:events');
const { makeCertificate } = require('./certificate.cjs');

const { key, cert } = makeCertificate();
const told = (name, socket) => {
  const events = [];
  for (const event of ['lookup', 'connect', 'ready', 'secureConnect', 'end', 'error', 'close']) {
    socket.on(event, () => events.push(event));
  }
  socket.on('close', () => console.log(name, events.join(' ')));
};

async function echo() {
  const server = tls.createServer({ key, cert }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = tls.connect({ port: server.address().port, host: '127.0.0.1', ca: cert });
  told('echo', client);
  console.log('connecting', client.connecting, client instanceof net.Socket);
  client.write('early');
  await once(client, 'secureConnect');
  console.log('secure', client.connecting, client.authorized, client.remoteAddress, client.localFamily);
  client.setNoDelay(true).setKeepAlive(true, 1000).setTimeout(10_000);
  client.end(' and late');
  let text = '';
  for await (const part of client) text += part;
  console.log('got', text);
  server.close();
  await once(server, 'close');
}

async function startTls() {
  const server = net.createServer((raw) => {
    raw.once('data', () => {
      raw.write('go', () => {
        const secure = new tls.TLSSocket(raw, { isServer: true, key, cert });
        secure.on('data', (data) => secure.end(`secretly ${data}`));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const raw = net.connect(server.address().port, '127.0.0.1');
  raw.write('starttls');
  await once(raw, 'data');
  const client = tls.connect({ socket: raw, ca: cert, servername: 'localhost' }, () => client.write('hello'));
  for await (const part of client) console.log(String(part));
  server.close();
  await once(server, 'close');
}

async function failures() {
  const refused = tls.connect(1, '127.0.0.1');
  told('refused', refused);
  const [error] = await once(refused, 'error');
  console.log(error.code, error.message);
  try {
    tls.connect(65536, '127.0.0.1');
  } catch ({ code }) {
    console.log(code);
  }
  const stranger = tls.createServer({ key, cert }).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const client = tls.connect(stranger.address().port, '127.0.0.1');
  console.log((await once(client, 'error'))[0].code);
  stranger.close();
}

void echo().then(startTls).then(failures);

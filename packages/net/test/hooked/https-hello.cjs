// HTTPS, both sides; the server and the request see the addresses of the connection below TLS.
const https = require('node:https');
const tls = require('node:tls');
const { makeCertificate } = require('./certificate.cjs');

const { key, cert } = makeCertificate();
const server = https.createServer({ key, cert }, (request, response) => {
  const { socket } = request;
  console.log('server', socket instanceof tls.TLSSocket, socket.remoteAddress, socket.localPort === port);
  response.end('hello\n');
});
let port = 0;
server.listen(0, '127.0.0.1', () => {
  port = server.address().port;
  const sent = https.get({ host: '127.0.0.1', port, ca: cert }, async (response) => {
    const { socket } = response;
    console.log('client', socket.authorized, socket.remoteAddress, socket.remotePort === port);
    for await (const part of response) console.log(response.statusCode, String(part).trim());
    server.close(() => console.log('closed'));
    https.globalAgent.destroy();
  });
  sent.on('error', (error) => console.log('failed', error));
});

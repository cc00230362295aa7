// A web program that knows nothing of us: serves HTTP on both families, asks a server elsewhere, and ends when told to.

const http = require('node:http');

const server = http.createServer((request, response) => {
  if (request.url === '/end') {
    server.close(() => console.log('closed'));
    response.setHeader('connection', 'close');
  }
  response.end(`hello ${request.socket.remoteAddress} on ${request.socket.localAddress}\n`);
});
server.listen(80, () => {
  const { family, port } = server.address();
  console.log(`listening ${family} ${port}`);
});
http.get(process.argv[2], (response) => {
  response.setEncoding('utf8').on('data', (text) => console.log(`got ${text.trim()}`));
});

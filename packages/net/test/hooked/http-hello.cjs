// A web server of the plainest kind, asked without an agent, with the global one, and with one that keeps connections.
const http = require('node:http');

const server = http.createServer((request, response) => {
  response.end(`hello ${request.socket.remoteAddress}\n`);
});
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const ask = (options) =>
    new Promise((resolve, reject) => {
      const sent = http.get({ host: '127.0.0.1', port, ...options }, async (response) => {
        let text = '';
        for await (const part of response.setEncoding('utf8')) text += part;
        resolve(`${response.statusCode} ${text.trim()} ${sent.reusedSocket}`);
      });
      sent.on('error', reject);
    });
  console.log('none', await ask({ agent: false }));
  console.log('global', await ask({}));
  const agent = new http.Agent({ keepAlive: true });
  console.log('kept', await ask({ agent }), await ask({ agent }));
  server.close(() => console.log('closed'));
  agent.destroy();
  http.globalAgent.destroy();
});

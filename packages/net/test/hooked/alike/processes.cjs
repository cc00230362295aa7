// A forked process with its channel, a worker of a cluster and a thread; each runs under what this process runs under.
const { fork } = require('node:child_process');
const cluster = require('node:cluster');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');

/** Serves one request of its own. */
function serve(tell) {
  const server = http.createServer((_request, response) => response.end('served'));
  server.listen(0, '127.0.0.1', () => {
    http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
      response.on('data', (data) => tell(String(data)));
      response.on('end', () => server.close());
    });
  });
}

async function main() {
  for (const start of [() => fork(__filename, ['child']), () => cluster.fork(), () => new Worker(__filename)]) {
    const one = start();
    // Listened to from the start: a thread may be over by the time that its message is told.
    const ended = once(one, 'exit');
    const [told] = await once(one, 'message');
    console.log(told);
    if (one instanceof cluster.Worker) one.kill();
    console.log('ended', (await ended).join());
  }
  console.log(new net.Socket() instanceof net.Socket);
}

if (!isMainThread) serve((text) => parentPort.postMessage(`thread ${text}`));
else if (cluster.isWorker) serve((text) => process.send(`worker ${text}`));
else if (process.argv[2] === 'child') {
  serve((text) => {
    process.send(`child ${text}`);
    process.disconnect();
  });
} else void main();

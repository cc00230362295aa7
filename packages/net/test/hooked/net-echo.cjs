// An echo server and its client, with everything that a program may take `net` for.
const fs = require('node:fs');
const net = require('node:net');

class Greeter extends net.Socket {
  greet() {
    this.write('hello');
  }
}

const server = net.createServer((socket) => socket.pipe(socket));
server.listen(0, '127.0.0.1', () => {
  const client = new Greeter();
  client.connect(server.address().port, '127.0.0.1', () => {
    console.log('from', client.remoteAddress, client.remoteFamily);
    console.log('instances', client instanceof net.Socket, server instanceof net.Server);
    console.log('stranger', new net.Socket() instanceof Greeter);
    const links = fs.readdirSync('/proc/self/fd').map((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    const inodes = links.flatMap((link) => link.match(/^socket:\[(\d+)\]$/)?.[1] ?? []);
    const tables = ['tcp', 'tcp6'].map((name) => fs.readFileSync(`/proc/self/net/${name}`, 'utf8')).join('');
    console.log('kernel TCP sockets', inodes.filter((inode) => tables.includes(` ${inode} `)).length);
    client.greet();
  });
  client.on('data', (data) => {
    console.log('echo', String(data));
    client.end();
  });
  client.on('close', () => server.close(() => console.log('closed')));
});

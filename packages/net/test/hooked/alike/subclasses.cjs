// Servers and sockets that extend net's, in the new style and in the old.
const net = require('node:net');
const util = require('node:util');

class NewServer extends net.Server {
  constructor() {
    super((socket) => socket.end(`new ${socket instanceof net.Socket}`));
    this.mark = 1;
  }
}
function OldServer() {
  net.Server.call(this, { allowHalfOpen: true });
  this.on('connection', (socket) => socket.end(`old ${socket.allowHalfOpen}`));
}
util.inherits(OldServer, net.Server);
function OldSocket() {
  if (!(this instanceof OldSocket)) return new OldSocket();
  net.Socket.call(this);
}
util.inherits(OldSocket, net.Socket);
OldSocket.prototype.greet = () => 'hi';

const first = new NewServer().listen(0, '127.0.0.1', () => {
  const second = new OldServer().listen(0, '127.0.0.1', () => {
    const socket = OldSocket();
    socket.connect(first.address().port, '127.0.0.1');
    socket.on('data', (data) => console.log(String(data), socket.greet(), first.mark));
    console.log(socket instanceof net.Socket, first instanceof net.Server, second instanceof OldServer);
    console.log(net.Socket() instanceof net.Socket, net.Server() instanceof NewServer, net.Stream === net.Socket);
    socket.on('close', () => {
      first.close();
      const other = net.createConnection({ port: second.address().port, host: '127.0.0.1' });
      other.on('data', (data) => console.log(String(data)));
      other.on('close', () => second.close());
    });
  });
});

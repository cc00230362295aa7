// What looks like net and is not TCP stays with Node: pipes of children, output, local sockets.
const { execFile } = require('node:child_process');
const net = require('node:net');
const tty = require('node:tty');

execFile(process.execPath, ['--version'], (error, out) => console.log('child', error, out.startsWith('v')));
console.log('stdout', process.stdout instanceof net.Socket, process.stdout.constructor.name);
console.log('tty', tty.ReadStream.prototype instanceof net.Socket);
const path = process.argv[2];
const missing = net.connect(`${path}.none`);
missing.on('error', ({ code, syscall }) => console.log('path', code, syscall));

/** Addresses of both ends at every stage, also before the connection and after its end. */

import type { Server, Socket } from 'node:net';
import { same, sameApart } from './same.ts';
import type { Trial } from './trial.ts';

const NAMES = ['localAddress', 'localPort', 'localFamily', 'remoteAddress', 'remotePort', 'remoteFamily'];

function tell(trial: Trial, who: string, when: string, socket: Socket): void {
  trial.look(who, when, socket, ...NAMES);
  trial.log(who, `${when}, address()`, socket.address());
}

for (const host of ['127.0.0.1', '::1', '127.0.0.7', '0.0.0.0', '::']) {
  sameApart(`a server on ${host}: addresses of both ends`, async (trial) => {
    const { near, far, server } = await trial.pair({}, { host });
    trial.log('server', 'address()', server.address());
    tell(trial, 'client', 'connected', near);
    tell(trial, 'accepted', 'accepted', far);
    trial.log('both', 'fit', near.localPort === far.remotePort, near.remotePort === far.localPort);
  });
}

sameApart('addresses before, while and after connecting', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  const near = trial.socket();
  tell(trial, 'client', 'new', near);
  const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
  near.connect(port, '127.0.0.1');
  tell(trial, 'client', 'connecting', near);
  const [far] = await accepted;
  if (near.connecting) await trial.event(near, 'connect');
  tell(trial, 'client', 'connected', near);
  far.resume();
  near.resume();
  const closed = Promise.all([trial.event(near, 'close'), trial.event(far, 'close')]);
  near.on('close', () => tell(trial, 'client', 'in close', near));
  far.on('end', () => tell(trial, 'accepted', 'in end', far));
  near.end();
  await closed;
  tell(trial, 'accepted', 'closed', far);
});

sameApart('addresses after destroy(): what was asked for before is remembered', async (trial) => {
  for (const asked of [true, false]) {
    const { near, far } = await trial.pair();
    far.resume();
    if (asked) tell(trial, 'client', 'connected', near);
    const closed = Promise.all([trial.event(near, 'close'), trial.event(far, 'close')]);
    near.destroy();
    tell(trial, 'client', 'destroyed', near);
    await closed;
    tell(trial, 'client', 'closed', near);
  }
});

same('addresses in the error of a connection that is refused', async (trial) => {
  const near = trial.socket();
  near.connect(await trial.freePort(), '127.0.0.1');
  near.on('error', () => trial.look('client', 'in error', near, ...NAMES));
  await trial.event(near, 'close');
  tell(trial, 'client', 'closed', near);
});

sameApart('addresses after the peer reset', async (trial) => {
  const { near, far } = await trial.pair();
  tell(trial, 'client', 'connected', near);
  const closed = trial.event(near, 'close');
  near.on('error', () => trial.look('client', 'in error', near, ...NAMES));
  far.resetAndDestroy();
  await closed;
  tell(trial, 'client', 'closed', near);
});

same('address() of a server at each stage', async (trial) => {
  const server = trial.server();
  const told = (when: string): void => trial.log('server', when, server.address());
  told('new');
  server.listen({ port: 0, host: '127.0.0.1' });
  told('the same turn');
  await trial.event(server, 'listening');
  trial.namePort(server);
  told('listening');
  const closed = trial.event(server, 'close');
  server.close();
  told('closing');
  await closed;
  told('closed');
});

same('the addresses are properties of the prototype that cannot be set', async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  for (const name of [...NAMES, 'bytesRead', 'bytesWritten', 'bufferSize', 'readyState', 'pending']) {
    trial.log('client', name, Object.hasOwn(near, name));
    trial.attempt('client', `setting ${name}`, () => {
      (near as unknown as Record<string, unknown>)[name] = 'changed';
      return (near as unknown as Record<string, unknown>)[name] === 'changed';
    });
  }
});

same('listening of a server is a property that cannot be set', (trial) => {
  const server: Server = trial.server();
  trial.attempt('server', 'setting', () => {
    (server as { listening: boolean }).listening = true;
    return server.listening;
  });
});

sameApart('the port of the peer in both words of an accepted socket', async (trial) => {
  const { near, far, port } = await trial.pair();
  trial.log('accepted', 'local', far.localPort === port, far.localAddress);
  trial.log('client', 'remote', near.remotePort === port, near.remoteAddress);
  trial.log('both', 'address()', far.address(), near.address());
});

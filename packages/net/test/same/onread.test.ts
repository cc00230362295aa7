/** onread: reading into buffers of the caller. */

import type { Socket, SocketConstructorOpts } from 'node:net';
import { same } from './same.ts';
import type { Trial } from './trial.ts';

/** A client that reads into buffers of the case's; the server sends these words and ends. */
async function readsInto(
  trial: Trial,
  onread: unknown,
  words: string,
  begin = (_socket: Socket): void => {},
): Promise<Socket> {
  const server = trial.keep(trial.net.createServer((far) => far.end(words)));
  const port = await trial.listen(server);
  const socket = trial.keepSocket(
    trial.net.connect({ port, host: '127.0.0.1', onread } as SocketConstructorOpts & { port: number }),
  );
  trial.watch('client', socket, ['connect', 'data', 'end', 'error', 'close']);
  begin(socket);
  await trial.event(socket, 'close');
  trial.look('client', 'closed', socket, 'bytesRead', 'readableLength', 'readableEnded');
  return socket;
}

same('onread: a buffer of the caller', async (trial) => {
  const buffer = Buffer.alloc(8);
  let text = '';
  const callback = (bytes: number, into: Buffer): boolean => {
    if (text === '') trial.log('client', 'callback', bytes, into === buffer);
    text += into.toString('latin1', 0, bytes);
    return true;
  };
  await readsInto(trial, { buffer, callback }, 'more than eight bytes');
  trial.log('client', 'text', text);
});

same('onread: a Uint8Array of the caller', async (trial) => {
  const buffer = new Uint8Array(4);
  const callback = (bytes: number, into: Uint8Array): boolean => {
    trial.log('client', 'callback', bytes, into.constructor.name, into === buffer);
    return true;
  };
  await readsInto(trial, { buffer, callback }, '0123456789');
});

same('onread: a function that gives buffers', async (trial) => {
  let made = 0;
  const buffer = (): Buffer => {
    made++;
    return Buffer.alloc(4);
  };
  let text = '';
  const callback = (bytes: number, into: Buffer): boolean => {
    text += into.toString('latin1', 0, bytes);
    return true;
  };
  await readsInto(trial, { buffer, callback }, '0123456789');
  trial.log('client', 'text', text, made > 1);
});

same('onread: false pauses until resume()', async (trial) => {
  const chunks: string[] = [];
  let socket: Socket | null = null;
  const callback = (bytes: number, into: Buffer): boolean => {
    chunks.push(into.toString('latin1', 0, bytes));
    setTimeout(() => socket?.resume(), 5);
    return false;
  };
  await readsInto(trial, { buffer: Buffer.alloc(4), callback }, '0123456789', (made) => {
    socket = made;
  });
  trial.log('client', 'chunks', chunks);
});

same('onread: pause() and resume() around it', async (trial) => {
  let text = '';
  const callback = (bytes: number, into: Buffer): boolean => {
    text += into.toString('latin1', 0, bytes);
    return true;
  };
  await readsInto(trial, { buffer: Buffer.alloc(4), callback }, '0123456789', (socket) => {
    socket.once('connect', () => {
      socket.pause();
      setTimeout(() => {
        trial.log('client', 'paused', text);
        socket.resume();
      }, 20);
    });
  });
  trial.log('client', 'text', text);
});

for (const [what, onread] of [
  ['no callback', { buffer: Buffer.alloc(4) }],
  ['a buffer that is none', { buffer: 'text', callback: () => true }],
  ['null', null],
] as const) {
  same(`onread with ${what} is passed over`, async (trial) => {
    await readsInto(trial, onread, 'words', (socket) => socket.resume());
  });
}

/** One side of a test, over whichever TCP it is given: listeners, clients, and what they saw. */

import { once } from 'node:events';
import type { Commands, Reply, ReportedError, Request, Service } from './commands.ts';
import { converse, type Heard, progress } from './conversation.ts';
import type { ConnectionShape, NetShape, ServerShape } from './net-shape.ts';
import { StuckConnection } from './stuck-connection.ts';

const ECHO_BYTES = 100;

/** The commands that do not depend on which TCP it is. */
type Shared = { [N in keyof Commands]?: (request: Request<N>) => Promise<Reply<N>> };

export class Side implements Shared {
  readonly #net: NetShape;
  readonly #address: string;
  readonly #servers: ServerShape[] = [];
  readonly #conversations: Promise<Heard>[] = [];
  #wake: (() => void) | undefined;
  #stuck: StuckConnection | undefined;

  /** @param address Where its listeners listen. */
  constructor(net: NetShape, address: string) {
    this.#net = net;
    this.#address = address;
  }

  async listen({ services }: Request<'listen'>): Promise<{ port: number }> {
    this.#stuck = undefined; // that of an earlier test
    let accepted = 0;
    const server = this.#net.createServer({ allowHalfOpen: true }, (connection) => {
      this.#serve(connection, services[Math.min(accepted++, services.length - 1)] as Service);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, this.#address, resolve));
    return { port: (server.address() as { port: number }).port };
  }

  #serve(connection: ConnectionShape, service: Service): void {
    if (service === 'echo') {
      connection.once('error', () => connection.destroy());
      connection.pipe(connection);
    } else if (service === 'stuck') {
      this.#stuck = new StuckConnection(connection);
    } else {
      const conversation = converse(connection, 'server', service);
      conversation.catch(() => {}); // said by `heard`
      this.#conversations.push(conversation);
    }
    this.#wake?.();
  }

  async heard({ count }: Request<'heard'>): Promise<Heard[]> {
    while (this.#conversations.length < count) await this.#served();
    return Promise.all(this.#conversations.splice(0, count));
  }

  #served(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async converse({ host, port, localPort, count = 1, conversation }: Request<'converse'>): Promise<Heard[]> {
    const connections = Array.from({ length: count }, () =>
      this.#net.connect({ host, port, allowHalfOpen: true, ...(localPort === undefined ? {} : { localPort }) }),
    );
    await Promise.all(connections.map((connection) => once(connection, 'connect')));
    return Promise.all(connections.map((connection) => converse(connection, 'client', conversation)));
  }

  async echo({ host, port, count }: Request<'echo'>): Promise<{ differing: number }> {
    let differing = 0;
    for (let i = 0; i < count; i++) {
      const connection = this.#net.connect({ host, port });
      const sent = Buffer.alloc(ECHO_BYTES, i);
      connection.end(sent);
      const received: Buffer[] = [];
      connection.on('data', (chunk: Buffer) => received.push(chunk));
      await once(connection, 'close');
      if (!Buffer.concat(received).equals(sent)) differing++;
      progress.bytes += ECHO_BYTES;
    }
    return { differing };
  }

  async keepAlive({ host, port, delayMs }: Request<'keepAlive'>): Promise<Record<never, never>> {
    const connection = this.#net.connect({ host, port });
    await once(connection, 'connect');
    connection.once('error', () => connection.destroy());
    connection.setKeepAlive(true, delayMs);
    return {};
  }

  async refused({ host, port }: Request<'refused'>): Promise<ReportedError> {
    const connection = this.#net.connect({ host, port });
    const error = await new Promise<Error>((resolve, reject) => {
      connection.once('error', resolve);
      connection.once('connect', () => reject(new Error('connected')));
    });
    return reported(error);
  }

  async stick({ host, port }: Request<'stick'>): Promise<{ localPort: number }> {
    const connection = this.#net.connect({ host, port });
    await once(connection, 'connect');
    const localPort = connection.localPort ?? 0;
    this.#stuck = new StuckConnection(connection);
    await this.#stuck.full;
    return { localPort };
  }

  async stuck(): Promise<{ clientPort: number }> {
    while (this.#stuck === undefined) await this.#served();
    await this.#stuck.full;
    return { clientPort: this.#stuck.connection.remotePort ?? 0 };
  }

  async reset(): Promise<Record<never, never>> {
    this.#stuck?.connection.resetAndDestroy();
    return {};
  }

  async writeError(): Promise<ReportedError> {
    if (this.#stuck === undefined) throw new Error('nothing is stuck');
    return reported(await this.#stuck.writeError);
  }

  async close(): Promise<Record<never, never>> {
    for (const server of this.#servers) server.close();
    return {};
  }
}

function reported(error: Error): ReportedError {
  const {
    code = '',
    syscall,
    address,
    port,
    message,
  } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  return {
    code,
    message,
    ...(syscall === undefined ? {} : { syscall }),
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
  };
}

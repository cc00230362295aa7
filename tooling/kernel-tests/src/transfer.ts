/** Conversations between the two sides of a world, checked. */

import type { Conversation } from './conversation.ts';
import { expectSameBytes } from './same-bytes.ts';
import type { Peer } from './world.ts';

/** How a transfer goes. */
export interface Transfer {
  readonly fromClient: Conversation;
  readonly fromServer: Conversation;
  /** Connections at once. Default 1. */
  readonly connections?: number;
}

/** A conversation that sends while it receives. */
export function talk(sendBytes: number, seed: number): Conversation {
  return { sendBytes, seed, send: 'at-once' };
}

/** Runs it to the end and fails unless all bytes arrived as they left. */
export async function transfer({ client, server }: { client: Peer; server: Peer }, plan: Transfer): Promise<void> {
  const connections = plan.connections ?? 1;
  const { port } = await server.call('listen', { services: [plan.fromServer] });
  const [atClient, atServer] = await Promise.all([
    client.call('converse', { host: server.address, port, count: connections, conversation: plan.fromClient }),
    server.call('heard', { count: connections }),
  ]);
  expectSameBytes(atClient, atServer, { ...plan, connections });
}

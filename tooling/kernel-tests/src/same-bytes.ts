/** The one question of every transfer: did each side receive exactly what the other one sent? */

import { expect } from 'vitest';
import type { Conversation, Heard } from './conversation.ts';

/** Fails unless client and server agree, connection by connection, on bytes and SHA-256 of both directions. */
export function expectSameBytes(
  client: readonly Heard[],
  server: readonly Heard[],
  expected: { readonly connections: number; readonly fromClient: Conversation; readonly fromServer: Conversation },
): void {
  const byPort = (a: Heard, b: Heard): number => a.clientPort - b.clientPort;
  const seenByServer = [...server].sort(byPort);
  const wanted = [...client].sort(byPort).map((heard) => ({
    clientPort: heard.clientPort,
    sentBytes: expected.fromServer.sendBytes,
    sentSha256: heard.receivedSha256,
    receivedBytes: expected.fromClient.sendBytes,
    receivedSha256: heard.sentSha256,
  }));
  expect(new Set(client.map(({ clientPort }) => clientPort)).size).toBe(expected.connections);
  expect(seenByServer).toEqual(wanted);
}

/** What options do, as the other end sees it. */

import {
  FIONREAD,
  IPPROTO_TCP,
  SIOCOUTQ,
  SIOCOUTQNSD,
  TCP_CORK,
  TCP_MAXSEG,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_QUICKACK,
} from '@tcpstack/sockets/constants';
import { bytes, type Case, room, SERVER, type Trial } from '../trial.ts';
import { connected, connectedSmall, empty, fill, listening } from './common.ts';
import { info } from './tcp-info.ts';

const BRIEF = { isBrief: true } as const;
const ACK_DELAY_MS = 60;
const CORK_MS = 260;
const BLOCK_BYTES = 2000;
const SEGMENT_BYTES = 500;
const WRITABLE = 0x4;

/** How many segments with data the end sent, and what of them the other end can read. */
function traffic(trial: Trial, c: number, s: number): void {
  info(trial, 'client', c, ['data_segs_out']);
  info(trial, 'server', s, ['data_segs_in']);
  trial.server.ioctl(s, FIONREAD);
  trial.client.ioctl(c, SIOCOUTQNSD);
}

/** A pair whose server delays its ACKs, so that what was sent first is outstanding when the next comes. */
function withDelayedAcks(trial: Trial): { s: number; c: number } {
  const { s, c } = connected(trial);
  trial.arrange(() => trial.server.setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, 0));
  return { s, c };
}

export const effectCases: readonly Case[] = [
  {
    name: 'TCP_CORK: what is less than a segment waits until the cork is off, or for 200 ms',
    needs: BRIEF,
    run(trial) {
      const { client, pass } = trial;
      const { s, c } = connected(trial);
      client.setsockopt(c, IPPROTO_TCP, TCP_CORK, 1);
      for (const text of ['one', 'two', 'three']) client.write(c, bytes(text));
      traffic(trial, c, s);
      client.setsockopt(c, IPPROTO_TCP, TCP_CORK, 0);
      traffic(trial, c, s);
      client.setsockopt(c, IPPROTO_TCP, TCP_CORK, 1);
      client.write(c, room(BLOCK_BYTES));
      traffic(trial, c, s);
      pass(CORK_MS);
      traffic(trial, c, s);
    },
  },
  {
    name: 'without TCP_NODELAY a small segment waits for the ACK of an earlier one',
    needs: BRIEF,
    run(trial) {
      const { client, pass } = trial;
      const { s, c } = withDelayedAcks(trial);
      for (const text of ['a', 'b', 'c']) client.write(c, bytes(text));
      traffic(trial, c, s);
      pass(ACK_DELAY_MS);
      traffic(trial, c, s);
    },
  },
  {
    name: 'with TCP_NODELAY it does not; switched on later, what waits leaves',
    needs: BRIEF,
    run(trial) {
      const { server, client } = trial;
      const { s, c } = withDelayedAcks(trial);
      client.write(c, bytes('a'));
      client.write(c, bytes('b'));
      server.ioctl(s, FIONREAD);
      client.setsockopt(c, IPPROTO_TCP, TCP_NODELAY, 1);
      server.ioctl(s, FIONREAD);
      client.write(c, bytes('c'));
      server.ioctl(s, FIONREAD);
    },
  },
  {
    name: 'TCP_QUICKACK: what waits for an ACK leaves at once; without it after 40 ms',
    needs: BRIEF,
    run(trial) {
      const { server, client, pass } = trial;
      const { s, c } = withDelayedAcks(trial);
      client.write(c, bytes('a'));
      client.ioctl(c, SIOCOUTQ);
      pass(ACK_DELAY_MS);
      client.ioctl(c, SIOCOUTQ);
      server.setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, 0);
      client.write(c, bytes('b'));
      client.ioctl(c, SIOCOUTQ);
      server.read(s, room(4));
      server.setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, 1);
      client.ioctl(c, SIOCOUTQ);
    },
  },
  {
    name: 'TCP_MAXSEG: segments of both ends are as small as one end says',
    run(trial) {
      const { server, client, arrange } = trial;
      const l = listening(trial);
      const c = client.socket();
      client.setsockopt(c, IPPROTO_TCP, TCP_MAXSEG, SEGMENT_BYTES);
      client.connect(c, SERVER, 80);
      const s = arrange(() => server.accept(l));
      client.getsockopt(c, IPPROTO_TCP, TCP_MAXSEG);
      server.getsockopt(s, IPPROTO_TCP, TCP_MAXSEG);
      client.write(c, room(BLOCK_BYTES));
      traffic(trial, c, s);
      server.write(s, room(BLOCK_BYTES));
      info(trial, 'server', s, ['snd_mss', 'data_segs_out']);
      info(trial, 'client', c, ['snd_mss', 'advmss', 'data_segs_in']);
    },
  },
  {
    name: 'TCP_NOTSENT_LOWAT: not writable while so many bytes wait to be sent, though there is room',
    run(trial) {
      const { client, quietly, note } = trial;
      const { s, c } = connectedSmall(trial);
      const writable = () => {
        const entry = { fd: c, events: WRITABLE, revents: 0 };
        quietly(() => client.poll([entry]));
        note(`writable: ${entry.revents !== 0}`);
      };
      client.setsockopt(c, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 100);
      writable();
      fill(trial, c);
      writable();
      empty(trial, s);
      writable();
    },
  },
];

/** TCP_INFO after exchanges whose numbers are the same each time. */

import { IPPROTO_TCP, MSG_OOB, SHUT_WR, TCP_CORK, TCP_INFO } from '@tcpstack/sockets/constants';
import { bytes, type Case, NOBODY, room, SERVER, type Trial } from '../trial.ts';
import { connected, connected6, listening } from './common.ts';

/** What does not depend on how long things took, nor on the sizes of buffers. */
const FIELDS = [
  ...['state', 'ca_state', 'retransmits', 'probes', 'backoff', 'options', 'snd_mss', 'advmss', 'pmtu'],
  ...['unacked', 'sacked', 'lost', 'retrans', 'total_retrans', 'reordering', 'reord_seen', 'snd_ssthresh', 'snd_cwnd'],
  ...['bytes_sent', 'bytes_acked', 'bytes_received', 'bytes_retrans', 'notsent_bytes'],
  ...['segs_out', 'segs_in', 'data_segs_out', 'data_segs_in'],
  ...['dsack_dups', 'rcv_ooopack', 'total_rto'],
];

/** What passed, where nothing is lost. */
const TRAFFIC = [
  ...['state', 'ca_state', 'options', 'snd_mss', 'advmss', 'pmtu', 'unacked', 'lost', 'retrans', 'total_retrans'],
  ...['bytes_sent', 'bytes_retrans', 'notsent_bytes', 'data_segs_out', 'data_segs_in', 'rcv_ooopack', 'total_rto'],
];
/** Before there is a connection. */
const OPENING = [
  ...['state', 'ca_state', 'retransmits', 'backoff', 'options', 'unacked', 'lost', 'retrans', 'total_retrans'],
  ...['bytes_sent', 'bytes_acked', 'segs_out', 'segs_in', 'snd_cwnd', 'snd_ssthresh', 'total_rto', 'reordering'],
];

/** One line, as of a call. */
export function info(trial: Trial, who: 'server' | 'client', fd: number, fields = FIELDS): void {
  const sys = trial[who];
  const told = trial.quietly(() => sys.getsockopt(fd, IPPROTO_TCP, TCP_INFO)) as unknown as Record<string, number>;
  for (const name of fields) {
    const value = told[`tcpi_${name}`];
    trial.note(`${who}.getsockopt(${fd}, IPPROTO_TCP, TCP_INFO) = ${name} ${value}`);
  }
}
export const tcpInfoCases: readonly Case[] = [
  {
    name: 'TCP_INFO of a connection that was used in both directions',
    run(trial) {
      const { server, client, arrange } = trial;
      const { s, c } = connected(trial);
      info(trial, 'server', s);
      info(trial, 'client', c);
      arrange(() => {
        client.write(c, bytes('a question'));
        server.read(s, room(100));
        server.write(s, bytes('the answer to it'));
        client.read(c, room(100));
      });
      trial.pass(100);
      info(trial, 'server', s);
      info(trial, 'client', c);
    },
  },
  {
    name: 'TCP_INFO of a connection over IPv6',
    run(trial) {
      const { s, c } = connected6(trial);
      trial.arrange(() => {
        trial.client.write(c, room(10_000));
        trial.server.read(s, room(20_000));
      });
      trial.pass(100);
      info(trial, 'server', s, TRAFFIC);
      info(trial, 'client', c, TRAFFIC);
    },
  },
  {
    name: 'TCP_INFO while a SYN is sent again',
    run(trial) {
      const { client } = trial;
      const c = client.socket();
      client.connect(c, NOBODY, 80);
      info(trial, 'client', c, OPENING);
      trial.pass(1200);
      info(trial, 'client', c, OPENING);
    },
  },
  {
    name: 'TCP_INFO of a listener: who waits, and how many may',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial, 3);
      for (let i = 0; i < 2; i++) client.connect(client.socket(), SERVER, 80);
      info(trial, 'server', l, ['state', 'unacked', 'sacked']);
      server.accept(l);
      info(trial, 'server', l, ['state', 'unacked', 'sacked']);
    },
  },
  {
    name: 'TCP_INFO of data that waits, of urgent data, and after both ends closed their direction',
    needs: { isBrief: true },
    run(trial) {
      const { server, client, arrange } = trial;
      const { s, c } = connected(trial);
      arrange(() => client.setsockopt(c, IPPROTO_TCP, TCP_CORK, 1));
      client.write(c, bytes('held back'));
      info(trial, 'client', c, ['bytes_sent', 'notsent_bytes', 'unacked', 'data_segs_out']);
      arrange(() => client.setsockopt(c, IPPROTO_TCP, TCP_CORK, 0));
      client.send(c, bytes('U'), 0, 1, MSG_OOB);
      trial.pass(100);
      info(trial, 'client', c, TRAFFIC);
      client.shutdown(c, SHUT_WR);
      // Both ends may delay the ACK of a FIN.
      trial.pass(100);
      info(trial, 'client', c, ['state', 'bytes_sent', 'segs_out', 'data_segs_out']);
      info(trial, 'server', s, ['state', 'segs_in', 'data_segs_in']);
      server.shutdown(s, SHUT_WR);
      trial.pass(100);
      info(trial, 'server', s, ['state', 'segs_out', 'segs_in']);
    },
  },
  {
    name: 'TCP_INFO of a socket that is new',
    run(trial) {
      const fd = trial.client.socket();
      info(trial, 'client', fd, [...OPENING, 'advmss', 'pmtu']);
    },
  },
];

/** TCP_INFO after exchanges whose numbers are the same each time. */

import { IPPROTO_TCP, TCP_INFO } from '@tcpstack/sockets/constants';
import { bytes, type Case, room, type Trial } from '../trial.ts';
import { connected } from './common.ts';

/** What does not depend on how long things took, nor on the sizes of buffers. */
const FIELDS = [
  ...['state', 'ca_state', 'retransmits', 'probes', 'backoff', 'options', 'snd_mss', 'advmss', 'pmtu'],
  ...['unacked', 'sacked', 'lost', 'retrans', 'total_retrans', 'reordering', 'reord_seen', 'snd_ssthresh', 'snd_cwnd'],
  ...['bytes_sent', 'bytes_acked', 'bytes_received', 'bytes_retrans', 'notsent_bytes'],
  ...['segs_out', 'segs_in', 'data_segs_out', 'data_segs_in'],
  ...['dsack_dups', 'rcv_ooopack', 'total_rto'],
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
];

/** Ends workers that hold an open link in every way there is; the process and the device's name must survive. */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { TunLink } from '@tcpstack/tun';

const options = { hostAddress: '10.77.0.1/24' };

if (isMainThread) {
  for (const how of ['exit', 'throw', 'unref', 'terminate']) {
    const worker = new Worker(new URL(import.meta.url), { workerData: how });
    worker.on('error', () => {});
    const end = new Promise((resolve) => worker.once('exit', resolve));
    await new Promise((resolve) => worker.once('message', resolve));
    if (how === 'terminate') await worker.terminate();
    await end;
    console.log(`ended ${how}`);
  }
  await TunLink.open(options).close();
  console.log('survived');
} else {
  const link = TunLink.open(options);
  link.start(() => {});
  parentPort?.postMessage('open');
  if (workerData === 'exit') process.exit(3);
  if (workerData === 'throw') throw new Error('on purpose');
  if (workerData === 'unref') link.unref();
}

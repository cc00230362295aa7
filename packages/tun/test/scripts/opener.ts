/** Opens TUN links one after the other and prints how it went. Arguments: options of each as JSON. */

import { TunError, TunLink } from '@tcpstack/tun';

for (const options of process.argv.slice(2)) {
  try {
    const link = TunLink.open(JSON.parse(options));
    console.log(`opened ${link.name} ${link.mtuBytes}`);
  } catch (error) {
    if (!(error instanceof TunError)) throw error;
    const { name, code, errno, syscall, message } = error;
    console.log(`failed ${JSON.stringify({ name, code, errno, syscall, message })}`);
  }
}

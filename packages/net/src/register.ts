/** `node --import @tcpstack/net/register app.js`: the program's `net`, `http`, `https`, `http2` and `tls` run on our TCP. */

import { defaultStack } from './default.ts';
import { exchangeNet } from './exchange/exchange.ts';

try {
  exchangeNet(defaultStack());
} catch (error) {
  process.stderr.write(`@tcpstack/net/register: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

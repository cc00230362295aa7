/** No congestion control: for links that nobody shares, where the peer's window is limit enough. */

import { MAX_CWND_BYTES } from '../limits.ts';
import type { CongestionController } from './controller.ts';

class None implements CongestionController {
  readonly name = 'none';
  // Otherwise proportional rate reduction would limit it after a loss.
  readonly ownsRecovery = true;
  readonly pacingBytesPerMs = Infinity;
  cwndBytes = MAX_CWND_BYTES;
  ssthreshBytes = MAX_CWND_BYTES;

  onSent(): void {}
  onAck(): void {}
  onLoss(): void {}
  onCongestionMark(): void {}
  onRto(): void {}
  onRecoveryExit(): void {}
  onUndo(): void {}
  onIdle(): void {}
  adopt(): void {}
  onMss(): void {}
}

/** A control that never limits. */
export function createNone(): CongestionController {
  return new None();
}

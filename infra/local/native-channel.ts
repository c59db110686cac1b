import type { Duplex } from 'node:stream';
import { frameOf, readFrames } from './frames.cjs';
import type { RuntimeClientCalls } from './runtime-api.ts';

/** The pipe to a function's process, on which the native module of its runtime client speaks (native-client.cjs). */
export class NativeChannel {
  private readonly stream: Duplex;
  private asked = false;

  constructor(stream: Duplex, calls: RuntimeClientCalls) {
    this.stream = stream;
    readFrames(stream, (head, body) => {
      const [call, requestId = ''] = head.split(' ');
      if (call === 'next') {
        this.asked = true;
        calls.next();
      } else if (call === 'response') {
        calls.response(requestId, body);
      } else {
        calls.error(requestId, body);
      }
    });
    // The process ends, which shows by itself.
    stream.on('error', () => {});
    stream.on('close', () => {
      if (this.asked) calls.gone();
    });
  }

  /** Whether the runtime waits for an invocation. */
  get isAsked(): boolean {
    return this.asked;
  }

  /** Gives the waiting runtime an invocation. */
  deliver(headers: Record<string, string>, payload: Buffer | string): void {
    this.asked = false;
    this.stream.write(frameOf(JSON.stringify(headers), payload));
  }
}

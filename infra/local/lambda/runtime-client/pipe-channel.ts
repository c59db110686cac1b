import type { Duplex } from 'node:stream';
import { frameOf, readFrames } from './frames.cjs';
import type { RuntimeClientCalls } from './runtime-api.ts';

/** The pipe to a function's process, on which the native module of its runtime client speaks (native-client.cjs). */
export class PipeChannel {
  private readonly stream: Duplex;
  /** Whether the runtime waits for an invocation. */
  isAsked = false;

  constructor(stream: Duplex, calls: RuntimeClientCalls) {
    this.stream = stream;
    readFrames(stream, (head, body) => {
      const [call, requestId = ''] = head.split(' ');
      if (call === 'next') {
        this.isAsked = true;
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
      if (this.isAsked) calls.gone();
    });
  }

  /** Gives the waiting runtime an invocation. */
  deliver(headers: Record<string, string>, payload: Buffer | string): void {
    this.isAsked = false;
    this.stream.write(frameOf(JSON.stringify(headers), payload));
  }
}

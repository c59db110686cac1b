import type { Duplex } from 'node:stream';
import { frameOf, readFrames } from './frames.cjs';
import type { RuntimeClientCalls } from './runtime-api.ts';

/** The pipe between this process and the stand-in for the runtime client's native module (rapid-client.cjs). */
export class PipeChannel {
  private readonly stream: Duplex;
  /** Whether the client waits for an invocation. */
  isWaiting = false;

  constructor(stream: Duplex, calls: RuntimeClientCalls) {
    this.stream = stream;
    readFrames(stream, (head, body) => {
      const [call, requestId = ''] = head.split(' ');
      if (call === 'next') {
        this.isWaiting = true;
        calls.next();
      } else if (call === 'response') {
        calls.response(requestId, body);
      } else {
        calls.error(requestId, body);
      }
    });
    // The process has ended; its exit event says so.
    stream.on('error', () => {});
    stream.on('close', () => {
      if (this.isWaiting) calls.disconnected();
    });
  }

  /** Sends an invocation to the waiting client. */
  deliver(headers: Record<string, string>, payload: Buffer | string): void {
    this.isWaiting = false;
    this.stream.write(frameOf(JSON.stringify(headers), payload));
  }
}

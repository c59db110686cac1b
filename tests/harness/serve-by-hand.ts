import { EventEmitter } from 'node:events';
import { dirname } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { EventEndReport } from '../../infra/local/async/event-reports.ts';
import type { LocalRuntime } from '../../infra/local/local-runtime.ts';
import type { LocalRuntimeEvent } from '../../infra/local/runtime-event.ts';
import { queued } from './journaled.ts';
import { localClient } from './lambda-client.ts';
import { ManualClock } from './manual-clock.ts';
import { queueClient } from './queues.ts';
import { serve, type TestFunction } from './test-stack.ts';

/** Serves functions with a clock that the test controls. */
export async function serveByHand(
  functions: Record<string, TestFunction>,
  runtimeOptions: { queueDirectory?: string; maxEnvironments?: number } = {},
) {
  const clock = new ManualClock();
  const ends = new EventEmitter<{ end: [EventEndReport] }>();
  const report = (event: LocalRuntimeEvent) => {
    if (event.event === 'event-ended') ends.emit('end', event);
  };
  const runtime = { clock, report, ...runtimeOptions };
  const stack = await serve(functions, { runtime });
  const client = localClient(stack.runtime.lambdaUrl);
  return {
    clock,
    runtime: stack.runtime,
    log: stack.log,
    /** Waits for the next event that ends. */
    end: (): Promise<EventEndReport> => new Promise((resolve) => ends.once('end', resolve)),
    /** Sends an asynchronous event. @returns its request id */
    async accept(FunctionName: string, Payload: string): Promise<string> {
      const command = new InvokeCommand({ FunctionName, Payload, InvocationType: 'Event' });
      return (await client.send(command)).$metadata.requestId ?? '';
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stack[Symbol.asyncDispose]();
    },
  };
}

/** Returns the messages of a queue, once they are written. They stay in the queue, invisible for a while. */
export async function messages(runtime: LocalRuntime, name: string): Promise<string[]> {
  // It has stopped.
  if (!runtime.isServing) return queued(dirname(runtime.queuePath), name);
  for (const destination of runtime.destinations) await destination.flush();
  using client = queueClient(runtime.lambdaUrl);
  const all: string[] = [];
  for (;;) {
    const received = await client.receive(name, 0);
    if (received.length === 0) return all;
    all.push(...received.map(({ Body = '' }) => Body));
  }
}

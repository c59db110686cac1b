/**
 * A Lambda handler that measures the bundle beside it inside the process of AWS's runtime client, with its console,
 * its context and its loaded modules. The runtime client formats the log lines; they go to the null device.
 */
import { openSync, readdirSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const bundle = readdirSync(import.meta.dirname).find((file) => /^index\.[cm]js$/.test(file));
const load = async () => {
  const loaded = await import(`./${bundle}`);
  return loaded.handler ?? loaded.default.handler;
};
const writeOutput = process.stdout.write;
const nullDevice = openSync(devNull, 'w');
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const measures = {
  /** Milliseconds of import and first invocation. */
  async cold({ event }, context) {
    const start = performance.now();
    const handler = await load();
    await handler(event, context);
    return performance.now() - start;
  },
  /** Microseconds per invocation, one number per batch. */
  async warm({ events, batches, size }, context) {
    const handler = await load();
    const texts = events.map((event) => JSON.stringify(event));
    const times = events.map(() => []);
    for (let batch = -batches; batch < batches; batch++) {
      for (const [kind, text] of texts.entries()) {
        // Each invocation has a new event, as on Lambda.
        const fresh = Array.from({ length: size }, () => JSON.parse(text));
        const start = performance.now();
        for (const event of fresh) await handler(event, context);
        const time = ((performance.now() - start) / size) * 1000;
        // The first half warms up.
        if (batch >= 0) times[kind].push(time);
      }
    }
    return times;
  },
  /** Bytes of the heap after each number of invocations in `after`. */
  async heap({ event, after }, context) {
    const handler = await load();
    const text = JSON.stringify(event);
    const heap = [];
    for (let done = 0, next = 0; next < after.length; next++) {
      for (; done < after[next]; done++) await handler(JSON.parse(text), context);
      collectGarbage();
      collectGarbage();
      heap.push(process.memoryUsage().heapUsed);
    }
    return heap;
  },
  /** The result of each event, null for an error. */
  async answers({ events }, context) {
    const handler = await load();
    const answers = [];
    for (const event of events) answers.push(await Promise.resolve(handler(event, context)).catch(() => null));
    return answers;
  },
};

export async function handler({ measure, ...parameters }, context) {
  process.stdout.write = (line) => writeSync(nullDevice, line) > 0;
  try {
    return await measures[measure](parameters, context);
  } finally {
    process.stdout.write = writeOutput;
  }
}

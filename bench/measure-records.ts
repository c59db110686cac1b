/** Measures the function for records, with an SQS on this machine that confirms every answer. */

import { once } from 'node:events';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { bundleFunction } from '../infra/function-bundle.ts';
import { projectRoot } from '../infra/project-root.ts';
import { FunctionEnvironment } from './function-environment.ts';
import { type Quartiles, quartilesOf } from './quartiles.ts';

export interface RecordsResult {
  bytes: number;
  /** Import and first batch of one record, in a process that has loaded the modules of the runtime client. */
  coldMs: Quartiles;
  /** A batch of ten records, with the request to SQS. */
  warmBatchMs: Quartiles;
}

const entriesShape = z.object({ Entries: z.array(z.object({ Id: z.string() })) });

/** @param rounds cold starts to measure; in each, as many warm batches */
export async function measureRecords(rounds: number): Promise<RecordsResult> {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-bench-records-'));
  const sqs = createServer(async (request, response) => {
    const { Entries } = entriesShape.parse(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.end(JSON.stringify({ Successful: Entries }));
  }).listen(0, '127.0.0.1');
  try {
    await once(sqs, 'listening');
    const address = sqs.address();
    if (typeof address !== 'object' || address === null) throw new Error('The SQS of the benchmark has no port.');
    bundleFunction('functions/feeling/records.ts', directory);
    await copyFile(join(projectRoot, 'bench/probe.mjs'), join(directory, 'probe.mjs'));
    const environment = { ANSWERS_QUEUE_URL: `http://127.0.0.1:${address.port}/000000000000/answers` };
    const cold: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await using probe = new FunctionEnvironment({ directory, handler: 'probe.handler', environment });
      const { answer } = await probe.invoke({ measure: 'cold', event: batchOf(1) });
      cold.push(z.number().parse(answer));
      const question = { measure: 'warm', events: [batchOf(10)], batches: 2, size: 10 };
      const [[, last = 0] = []] = z.array(z.array(z.number())).parse((await probe.invoke(question)).answer);
      warm.push(last / 1000);
    }
    const { size } = await stat(join(directory, 'index.mjs'));
    return { bytes: size, coldMs: quartilesOf(cold), warmBatchMs: quartilesOf(warm) };
  } finally {
    sqs.closeAllConnections();
    sqs.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function batchOf(count: number): object {
  return {
    Records: Array.from({ length: count }, (_, index) => ({
      messageId: `message-${index}`,
      body: '{"emoji_type":0,"message":"hi"}',
      attributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:reactions',
    })),
  };
}

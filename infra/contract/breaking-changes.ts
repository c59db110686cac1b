import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../project-root.ts';
import { readContract } from './contract-document.ts';

/** The contract of the last release. `npm run release` writes it. */
export const releasedContract = join(projectRoot, 'infra/contract/released/openapi.yaml');

export interface ContractChanges {
  /** The versions of both contracts, such as `1.0.0`. */
  versions: { released: string; current: string };
  /** What the changes ask for, by Semantic Versioning. */
  bump: 'major' | 'minor' | 'patch' | 'none';
  /** What breaks clients that were right, with the line of openapi.yaml. */
  breaks: string[];
}

/** Largest first. */
const bumps = ['major', 'minor', 'patch'] as const;

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const reference = z.looseObject({});
const documentShape = z.looseObject({
  info: z.looseObject({ version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
});
const directShape = z.looseObject({
  'x-direct-invocation': z.looseObject({ event: reference, result: reference, functionError: reference }),
});
const queueShape = z.looseObject({ 'x-queue-messages': z.looseObject({ request: reference, answer: reference }) });
const reportShape = z.object({
  summary: z.object({ major: z.number(), minor: z.number(), patch: z.number() }),
  changes: z.array(
    z.object({
      path: z.string(),
      verdicts: z.array(
        z.object({ impact: z.string(), message: z.string(), location: z.object({ pointer: z.string() }) }),
      ),
    }),
  ),
});

/**
 * Compares openapi.yaml with a contract that was released, by `redocly diff`.
 * @param released a file
 * @throws {ContractError} if openapi.yaml is not valid
 */
export async function contractChanges(released = releasedContract): Promise<ContractChanges> {
  const { fault } = await readContract();
  const documents = {
    released: documentShape.parse(parse(await readFile(released, 'utf8'))),
    current: documentShape.parse(parse(await readFile(join(projectRoot, 'openapi.yaml'), 'utf8'))),
  };
  const report = await redoclyDiff(withOtherTriggers(documents.released), withOtherTriggers(documents.current));
  const breaks = report.changes.flatMap(({ path, verdicts }) =>
    verdicts
      .filter(({ impact }) => impact === 'major')
      .map(
        ({ message, location }) =>
          fault(keysOf(location.pointer), `${keysOf(path).join(' ')}: ${message}`, path).message,
      ),
  );
  const versions = { released: documents.released.info.version, current: documents.current.info.version };
  return { versions, bump: bumps.find((bump) => report.summary[bump] > 0) ?? 'none', breaks };
}

/** Returns the keys of a JSON Pointer in openapi.yaml. */
function keysOf(pointer: string): string[] {
  const keys = pointer.split('/').slice(1);
  return keys.map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Returns the document with direct invocations and queue messages as operations: OpenAPI has nothing else to compare. */
function withOtherTriggers(document: z.infer<typeof documentShape>): object {
  const paths = { ...document.paths };
  const json = (schema: object) => ({ content: { 'application/json': { schema } } });
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const name = `${method.toUpperCase()} ${path}`;
      const direct = directShape.safeParse(item[method]).data?.['x-direct-invocation'];
      if (direct) {
        const responses = {
          200: { description: 'result', ...json(direct.result) },
          500: { description: 'function error', ...json(direct.functionError) },
        };
        paths[`/direct invocation of ${name}`] = { post: { requestBody: json(direct.event), responses } };
      }
      const queue = queueShape.safeParse(item[method]).data?.['x-queue-messages'];
      if (queue) {
        const responses = { 200: { description: 'answer', ...json(queue.answer) } };
        paths[`/queue messages of ${name}`] = { post: { requestBody: json(queue.request), responses } };
      }
    }
  }
  return { ...document, paths };
}

async function redoclyDiff(released: object, current: object): Promise<z.infer<typeof reportShape>> {
  const folder = await mkdtemp(join(tmpdir(), 'feeling-api-diff-'));
  try {
    await writeFile(join(folder, 'redocly.yaml'), 'extends: [diff-recommended]\n');
    await writeFile(join(folder, 'released.json'), JSON.stringify(released));
    await writeFile(join(folder, 'current.json'), JSON.stringify(current));
    const cli = join(projectRoot, 'node_modules/@redocly/cli/bin/cli.js');
    const report = join(folder, 'report.json');
    const child = spawn(
      process.execPath,
      [cli, 'diff', 'released.json', 'current.json', '--format', 'json', '--output', report, '--fail-on', 'none'],
      {
        cwd: folder,
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const said = await child.stderr.toArray();
    const text = await readFile(report, 'utf8').catch((cause: unknown) => {
      throw new Error(`redocly diff failed:\n${Buffer.concat(said)}`, { cause });
    });
    return reportShape.parse(JSON.parse(text));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

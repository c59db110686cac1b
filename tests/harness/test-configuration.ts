import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stageSchema } from '../../infra/stage-schema.ts';
import { stages } from './stages.ts';

const dev: Partial<Record<string, unknown>> = stages.dev;

/** The stage `dev` of the tests, as `-c` gives it. A key that the stage leaves out is unset, whatever infra/stages.ts says. */
export const testConfiguration: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  stageSchema.keyof().options.map((key) => [key, dev[key]?.toString()]),
);

/** Environment of a program that then has the stages of the tests, and so do the processes that it starts. */
export const withTestStages: Readonly<NodeJS.ProcessEnv> = {
  NODE_OPTIONS: `--import=${new URL('./replace-stages.ts', import.meta.url).href}`,
};

/** Returns the environment of `npm start` in a test: any free ports, its files in a folder, the stages of the tests. */
export function serveEnvironment(folder: string): NodeJS.ProcessEnv {
  const ports = { PORT: '0', LAMBDA_PORT: '0', DOCS_PORT: '0' };
  return { ...withTestStages, ...ports, QUEUE_DIRECTORY: join(folder, 'queues'), TMPDIR: folder };
}

/** Returns the source of infra/stages.ts with the stages of the tests, for a copy of the project. */
export async function sourceOfTestStages(): Promise<string> {
  const source = await readFile(new URL('./stages.ts', import.meta.url), 'utf8');
  return source.replace('../../infra/', './');
}

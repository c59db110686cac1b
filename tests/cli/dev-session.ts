/** `npm run dev` of a copy of the project, whose files a test edits. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript, type Script, type Told } from '../../infra/scripts/running-script.ts';
import { serveEnvironment, sourceOfTestStages } from '../harness/test-configuration.ts';

const addresses = z.object({ url: z.string(), lambdaUrl: z.string(), watches: z.literal(true) });

/** The file of the rule: what most tests edit. */
export const rule = 'functions/feeling/feeling.ts';

const stagesFile = 'infra/stages.ts';

/** The functions that contain the rule. */
export const bothFunctions = ['feeling-http-dev', 'feeling-direct-dev'];

/** Returns the source of a rule with one result. */
export function ruleThatReturns(word: string): string {
  return `export const feelingOf = () => '${word}';\n`;
}

/** Returns whether an event reports the edit of a file. */
export function hasFile(name: string): (told: Told) => boolean {
  return (told) => Array.isArray(told['files']) && told['files'].includes(name);
}

export class DevSession implements AsyncDisposable {
  /** Its temporary files are here; the copy of the project is in `project`. */
  readonly folder: string;
  readonly script: Script;
  readonly url: string;
  readonly lambdaUrl: string;
  private requests = 0;

  /** Copies the project, starts `npm run dev` in the copy, and waits until it serves. */
  static async start(args: string[] = [], more: NodeJS.ProcessEnv = {}): Promise<DevSession> {
    const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
    const project = join(folder, 'project');
    await mkdir(project);
    for (const name of ['functions', 'shared', 'infra', 'openapi.yaml', 'package.json', 'tsconfig.json']) {
      await cp(join(projectRoot, name), join(project, name), { recursive: true });
    }
    await writeFile(join(project, stagesFile), await sourceOfTestStages());
    await symlink(join(projectRoot, 'node_modules'), join(project, 'node_modules'), 'junction');
    const env = {
      ...serveEnvironment(folder),
      RETRY_SECONDS: '1',
      ...more,
    };
    const script = runScript('infra/local/cli/serve.ts', ['--watch', ...args], env, project);
    return new DevSession(folder, script, addresses.parse(await script.tells('ready')));
  }

  private constructor(folder: string, script: Script, { url, lambdaUrl }: z.infer<typeof addresses>) {
    this.folder = folder;
    this.script = script;
    this.url = url;
    this.lambdaUrl = lambdaUrl;
  }

  /** Returns the absolute path of a file of the copy. */
  path(name: string): string {
    return join(this.folder, 'project', name);
  }

  /** Saves a file in one step: the watcher may see the steps of an editor one by one. */
  async save(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, 'saved'), text);
    await rename(join(this.folder, 'saved'), this.path(name));
  }

  /** Replaces a text that the file contains. */
  async edit(name: string, from: string | RegExp, to: string): Promise<void> {
    const text = await readFile(this.path(name), 'utf8');
    const edited = text.replace(from, to);
    assert.notEqual(edited, text, `${name} has ${from} in it`);
    await this.save(name, edited);
  }

  /** Saves a file as it was at the start. */
  async restore(name: string): Promise<void> {
    const isStages = name === stagesFile;
    await this.save(name, isStages ? await sourceOfTestStages() : await readFile(join(projectRoot, name), 'utf8'));
  }

  /** Does something, and returns the next event of a name after it began. */
  async next(
    event: string,
    act: () => Promise<void> | void,
    matches: (told: Told) => boolean = () => true,
  ): Promise<Told> {
    const start = this.script.told().length;
    await act();
    return this.script.tells(event, (told) => this.script.told().indexOf(told) >= start && matches(told));
  }

  async post(message: string): Promise<request.Response> {
    this.requests++;
    return request(this.url).post('/feeling').send({ emoji_type: 0, message });
  }

  /** Returns the feeling that the API answers with. */
  async feeling(): Promise<string> {
    return (await this.post('hi')).body.feeling;
  }

  /** Returns whether a request starts an execution environment. */
  async isCold(): Promise<unknown> {
    await this.feeling();
    // The event comes after the response.
    const posts = () => this.script.told().filter(({ event, method }) => event === 'request' && method === 'POST');
    await this.script.tells('request', () => posts().length === this.requests);
    return posts().at(-1)?.['cold'];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.script.process.kill('SIGKILL');
    await this.script.ended();
    await rm(this.folder, { recursive: true, force: true });
  }
}

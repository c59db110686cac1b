/** The peers: the deployed function, handlers written by hand, and handlers on other frameworks. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleFunction } from '../infra/function-bundle.ts';
import { projectRoot } from '../infra/project-root.ts';
import { bundlePeer } from './peer-bundle.ts';

export interface Peer {
  name: string;
  /** The bundle, alone in its folder. */
  file: string;
  directory: string;
  bytes: number;
  /** Its packages, with versions. */
  packages: string[];
  /** Bytes of the deployed bundle by module, the largest first. */
  modules?: { module: string; bytes: number }[];
}

/** The names by which goals find results. */
export const ours = 'this project';
export const byHand = 'by hand, complete';
export const bareMinimum = 'by hand, minimum';
export const hono = 'Hono, zod';
export const powertools = 'Powertools event handler, zod';

const sources: { name: string; file: string; packages: string[]; format?: 'cjs' }[] = [
  { name: byHand, file: 'by-hand.ts', packages: [] },
  { name: bareMinimum, file: 'by-hand-minimum.ts', packages: [] },
  { name: 'middy, stock middlewares, schema compiled at build', file: 'middy-stock.js', packages: ['@middy/core'] },
  {
    name: 'middy, stock middlewares, schema compiled at start',
    file: 'middy-stock-compiling.js',
    packages: ['@middy/core', '@middy/validator'],
  },
  { name: 'lambda-api', file: 'lambda-api.js', packages: ['lambda-api'] },
  { name: hono, file: 'hono.ts', packages: ['hono', 'zod'] },
  { name: powertools, file: 'powertools.ts', packages: ['@aws-lambda-powertools/event-handler', 'zod'] },
  { name: 'Fastify', file: 'fastify.ts', packages: ['fastify', '@fastify/aws-lambda'], format: 'cjs' },
  {
    name: 'Express, zod',
    file: 'express.ts',
    packages: ['express', '@codegenie/serverless-express', 'zod'],
    format: 'cjs',
  },
];

const here = join(projectRoot, 'bench');

/**
 * Bundles every peer and returns them, the deployed function first.
 * @param directory the folder for the bundles
 */
export async function buildPeers(directory: string): Promise<Peer[]> {
  const ownFolder = join(directory, 'ours');
  const metafile = bundleFunction('functions/feeling/http.ts', ownFolder);
  const own = {
    name: ours,
    packages: await Promise.all(['@middy/core'].map(withVersion)),
    ...(await bundled(join(ownFolder, 'index.mjs'))),
    modules: Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .map(([module, { bytesInOutput }]) => ({ module, bytes: bytesInOutput }))
      .filter(({ bytes }) => bytes > 0)
      .sort((a, b) => b.bytes - a.bytes),
  };
  const others = sources.map(async ({ name, file, packages, format }, index) => ({
    name,
    packages: await Promise.all(packages.map(withVersion)),
    ...(await bundled(await bundlePeer(join(here, 'peers', file), join(directory, String(index)), format ?? 'esm'))),
  }));
  return [own, ...(await Promise.all(others))];
}

async function bundled(file: string) {
  return { file, directory: dirname(file), bytes: (await stat(file)).size };
}

async function withVersion(name: string): Promise<string> {
  const folders = [join(here, 'node_modules'), join(here, '../node_modules')];
  for (const folder of folders) {
    const text = await readFile(join(folder, name, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) return `${name} ${JSON.parse(text).version}`;
  }
  throw new Error(`${name} is not installed: run npm --prefix bench ci`);
}

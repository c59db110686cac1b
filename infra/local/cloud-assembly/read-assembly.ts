/**
 * Reads the cloud assembly that `cdk synth` writes into plain values: routes, CORS, throttling, functions. Each part
 * of the template is served, ignored because it does not affect a request, or refused.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { entryMetadata } from '../../entry-metadata.ts';
import { apiOf } from './read-api.ts';
import { functionsOf } from './read-functions.ts';
import { sourcesOf } from './read-sources.ts';
import type { Assembly } from './stack-model.ts';
import { only, Template } from './template.ts';
import { templateShape } from './template-shape.ts';

const manifestShape = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.object({ templateFile: z.string().optional() }).optional(),
      additionalMetadataFile: z.string().optional(),
    }),
  ),
});
const assetsShape = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string(), packaging: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});
const metadataShape = z.record(z.string(), z.array(z.object({ type: z.string(), data: z.unknown() })));

/**
 * Returns the cloud assembly in a folder.
 * @param directory the output of `cdk synth`, such as `cdk.out`
 * @param bundles folders of bundles that are newer than the assembly, by their entry file
 * @throws {UnsupportedResourceError} for the first part of the template that cannot be served as on AWS.
 */
export async function readAssembly(
  directory: string,
  bundles: ReadonlyMap<string, string> = new Map(),
): Promise<Assembly> {
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(directory, file), 'utf8'));

  const { artifacts } = manifestShape.parse(await read('manifest.json'));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stackName, stack] = only(stacks, directory, 'stack');
  const templateFile = stack.properties?.templateFile ?? `${stackName}.template.json`;
  const template = new Template(stackName, templateShape.parse(await read(templateFile)));
  const { files } = assetsShape.parse(await read(`${stackName}.assets.json`));

  const assets = new Map<string, string>();
  for (const { source, destinations } of Object.values(files)) {
    if (source.packaging !== 'zip') continue;
    for (const { objectKey } of Object.values(destinations)) assets.set(objectKey, join(directory, source.path));
  }
  const { additionalMetadataFile } = stack;
  const entries = entriesOf(additionalMetadataFile ? await read(additionalMetadataFile) : {});
  const { functions, targets } = functionsOf(template, { assets, entries, bundles });
  const api = apiOf(template, targets);
  const sources = sourcesOf(template, targets);
  return { stackName, functions, targets, api, sources, ignored: template.ignored };
}

/**
 * Returns the entry files of functions, by the logical id of the function.
 * @param metadata the CDK's metadata of constructs, by their path
 */
function entriesOf(metadata: unknown): Map<string, string> {
  const entries = new Map<string, string>();
  for (const items of Object.values(metadataShape.parse(metadata))) {
    const dataOf = (wanted: string) => items.find(({ type }) => type === wanted)?.data;
    const [logicalId, entry] = [dataOf('aws:cdk:logicalId'), dataOf(entryMetadata)];
    if (typeof logicalId === 'string' && typeof entry === 'string') entries.set(logicalId, entry);
  }
  return entries;
}

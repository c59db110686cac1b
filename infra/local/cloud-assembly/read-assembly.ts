/**
 * The cloud assembly that `cdk synth` writes, read as a plain description of what a request meets:
 * routes, CORS, throttling, functions. Whatever stands in the template is either served, or passed
 * over because no request can tell the difference, or refused.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { entryMetadata } from '../../entry-metadata.ts';
import { apiOf } from './read-api.ts';
import { functionsOf } from './read-functions.ts';
import type { Assembly } from './stack-model.ts';
import { only, Template, templateShape } from './template.ts';

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
 * Reads the cloud assembly in a folder.
 * @param directory what `cdk synth` wrote, such as `cdk.out`
 * @param bundles the folders of bundles that are newer than the assembly, by the file they are bundled from
 * @throws {UnsupportedResourceError} for the first part of the template that cannot be served faithfully.
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
  return { stackName, functions, targets, api: apiOf(template, targets), ignored: template.ignored };
}

/**
 * The files that functions are bundled from, by the logical id of the function.
 * @param metadata what the CDK's constructs say of themselves, by their path
 */
function entriesOf(metadata: unknown): Map<string, string> {
  const entries = new Map<string, string>();
  for (const said of Object.values(metadataShape.parse(metadata))) {
    const dataOf = (wanted: string) => said.find(({ type }) => type === wanted)?.data;
    const [logicalId, entry] = [dataOf('aws:cdk:logicalId'), dataOf(entryMetadata)];
    if (typeof logicalId === 'string' && typeof entry === 'string') entries.set(logicalId, entry);
  }
  return entries;
}

/** What is deployed and where it comes from: each package, its licence, and the same bytes each time. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, glob, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { z } from 'zod';
import { synthesise } from '../../infra/app.ts';
import { bundleWithSourceMap } from '../../infra/function-bundle.ts';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { billOfMaterials } from '../../infra/scripts/bill-of-materials.ts';
import { runScript } from '../../infra/scripts/running-script.ts';
import { deployedFunctions, recordsFunctions } from '../harness/deployed-functions.ts';
import { type SynthesisedStack, synthesiseStack } from '../harness/feeling-api.ts';
import { longOnly } from '../harness/long-form.ts';
import { testConfiguration } from '../harness/test-configuration.ts';

const require = createRequire(import.meta.url);

/** The packages whose code is in the functions of each trigger. */
const packagesOf = {
  http: ['pkg:npm/%40middy/core', 'pkg:npm/ajv'],
  direct: ['pkg:npm/ajv'],
  records: ['pkg:npm/ajv', 'pkg:npm/aws4fetch'],
};

/** They require their own text and the names of the authors to be kept, and do not extend to our code. */
const allowedLicences = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

const billShape = z.object({
  components: z.array(
    z.object({
      type: z.enum(['file', 'library']),
      name: z.string(),
      version: z.string().optional(),
      purl: z.string().optional(),
      licenses: z.array(z.object({ license: z.object({ id: z.string() }) })).default([]),
      hashes: z.array(z.object({ alg: z.literal('SHA-256'), content: z.string() })).default([]),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

let stack: SynthesisedStack;
let text: string;
let bill: z.infer<typeof billShape>;

before(async () => {
  stack = await synthesiseStack();
  text = await billOfMaterials();
  bill = billShape.parse(JSON.parse(text));
});
after(() => stack[Symbol.asyncDispose]());

const json = async (path: string) => JSON.parse(await readFile(join(projectRoot, path), 'utf8'));

describe('the bill of materials', () => {
  test('lists the packages whose code is deployed, each under an allowed licence', async (t) => {
    const libraries = bill.components.filter(({ type }) => type === 'library');
    assert.deepEqual(
      libraries.map(({ name }) => name),
      ['@middy/core', 'ajv', 'aws4fetch'],
    );
    for (const { name, version, purl, licenses } of libraries) {
      const installed = await json(`node_modules/${name}/package.json`);
      assert.equal(version, installed.version);
      assert.equal(purl, `pkg:npm/${name.replace('@', '%40')}@${version}`);
      assert.equal(licenses.length, 1);
      for (const { license } of licenses) assert(allowedLicences.includes(license.id), `${name} is ${license.id}`);
    }
    t.diagnostic(`evidence: packages shipped=${libraries.length}`);
  });

  test('lists only packages that npm audit --omit=dev checks', async () => {
    const { dependencies, scripts } = await json('package.json');
    assert.equal(scripts.audit, 'npm audit --omit=dev');
    for (const { type, name } of bill.components) if (type === 'library') assert(name in dependencies, name);
  });

  test('has the hash of each bundle that is deployed, and what is in it', async () => {
    const { functions } = await readAssembly(stack.directory);
    const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const deployed = functions.map(async ({ name, directory }) => {
      return [`${name.replace(/-dev$/, '')}/index.mjs`, hashOf(await readFile(join(directory, 'index.mjs')))];
    });
    // This stack has no sources.
    const withSources = recordsFunctions.map(({ name, entry }) => [
      `${name}/index.mjs`,
      hashOf(bundleWithSourceMap(entry).code),
    ]);
    const listed = bill.components.filter(({ type }) => type === 'file');
    assert.deepEqual(
      listed.map(({ name, hashes: [hash] }) => [name, hash?.content]),
      [...(await Promise.all(deployed)), ...withSources].sort(),
    );
    const contents = bill.dependencies.filter(({ ref }) => ref.endsWith('.mjs'));
    const all = [...deployedFunctions, ...recordsFunctions];
    assert.equal(contents.length, all.length);
    for (const { name, trigger } of all) {
      const { dependsOn = [] } = contents.find(({ ref }) => ref === `${name}/index.mjs`) ?? {};
      assert.deepEqual(
        dependsOn.map((purl) => purl.replace(/@[^@]*$/, '')),
        packagesOf[trigger],
        `${name} ships other packages than the ${trigger} functions: say in tests/stack/supply-chain.test.ts which it may`,
      );
    }
  });

  test('is valid CycloneDX 1.6, and the same each time', async () => {
    const folder = require.resolve('@cyclonedx/cyclonedx-library/package.json').replace('package.json', 'res/schema/');
    const schema = async (name: string) => JSON.parse(await readFile(`${folder}${name}.SNAPSHOT.schema.json`, 'utf8'));
    const ajv = new Ajv({ strict: false, validateFormats: false });
    for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
      ajv.addSchema(await schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    }
    const validate = ajv.compile(await schema('bom-1.6'));
    assert(validate(JSON.parse(text)), JSON.stringify(validate.errors));
    assert.equal(
      validate(JSON.parse(text.replace('"SHA-256"', '"SHA"'))),
      false,
      'the schema accepts a wrong hash algorithm',
    );
    assert.equal(await billOfMaterials(), text);
  });
});

describe('npm run sbom', () => {
  async function run(...args: string[]) {
    const script = runScript('infra/scripts/sbom.ts', args);
    return { exitCode: await script.ended(), output: script.output() };
  }

  test('prints only the bill', async () => {
    assert.deepEqual(await run(), { exitCode: 0, output: text });
  });

  test('--out writes it to a file', longOnly, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'feeling-sbom-'));
    try {
      const file = join(folder, 'sbom.cdx.json');
      assert.deepEqual(await run('--out', file), { exitCode: 0, output: '' });
      assert.equal(await readFile(file, 'utf8'), text);
      const { exitCode, output } = await run('--out', join(folder, 'none', 'sbom.cdx.json'));
      assert.equal(exitCode, 1);
      assert.match(output, /^Error: ENOENT: .*\n$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const args of [['sbom.json'], ['--out'], ['--out', '']]) {
    test(`refuses ${JSON.stringify(args)} and says how to get help`, async () => {
      const { exitCode, output } = await run(...args);
      assert.equal(exitCode, 1);
      assert.match(output, /^.+\. Help: npm run sbom -- --help\n$/);
      assert.doesNotMatch(output, /\bat .*\.ts:/);
    });
  }
});

describe('what is deployed has the same bytes', () => {
  /** The template, the list of assets, and the bundles under their hashes. */
  async function filesOf(directory: string): Promise<Record<string, string>> {
    const files: Record<string, string> = {};
    for await (const path of glob(['*.template.json', '*.assets.json', 'asset.*/*'], { cwd: directory })) {
      files[path] = await readFile(join(directory, path), 'utf8');
    }
    assert.equal(Object.keys(files).filter((path) => path.endsWith('index.mjs')).length, deployedFunctions.length);
    return files;
  }

  test('when it is synthesised in two folders', async () => {
    const other = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
    try {
      synthesise({ outdir: other, context: testConfiguration });
      assert.deepEqual(await filesOf(other), await filesOf(stack.directory));
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });

  test('from sources in another folder; an edit there makes a version, and the one before stays', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'feeling-api-copy-'));
    try {
      for (const name of ['functions', 'shared', 'infra', 'openapi.yaml', 'package.json', 'tsconfig.json']) {
        await cp(join(projectRoot, name), join(copy, name), { recursive: true });
      }
      await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'), 'junction');
      // In this process: another one would load the CDK again.
      const copied: typeof import('../../infra/app.ts') = await import(pathToFileURL(join(copy, 'infra/app.ts')).href);
      const same = copied.synthesise({ outdir: join(copy, 'same'), context: testConfiguration });
      assert.deepEqual(await filesOf(same.directory), await filesOf(stack.directory));

      const rule = join(copy, 'functions/feeling/feeling.ts');
      await writeFile(rule, (await readFile(rule, 'utf8')).replaceAll("'positive'", "'delighted'"));
      const edited = copied.synthesise({ outdir: join(copy, 'edited'), context: testConfiguration });
      const [before, after] = [versionsOf(same), versionsOf(edited)];
      const replaced = Object.keys(before).filter((id) => !(id in after));
      assert.equal(replaced.length, deployedFunctions.filter(({ operationId }) => operationId === 'feeling').length);
      for (const id of replaced) assert.equal(before[id]?.['DeletionPolicy'], 'RetainExceptOnCreate', id);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });
});

function versionsOf(assembly: CloudAssembly) {
  return Template.fromJSON(assembly.getStackArtifact('Feeling').template).findResources('AWS::Lambda::Version');
}

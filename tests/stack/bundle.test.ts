/** The bytes and modules of each deployed bundle: a cold start pays for every one. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import ts from 'typescript';
import { bundleFunction, bundleWithSourceMap } from '../../infra/function-bundle.ts';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { deployedFunctions, recordsFunctions } from '../harness/deployed-functions.ts';
import { type SynthesisedStack, synthesiseStack } from '../harness/feeling-api.ts';

interface Budget {
  bytes: number;
  modules: string[];
}

const rule = ['functions/feeling/respond.ts', 'functions/feeling/feeling.ts'];
const contract = ['shared/body-limits.ts', 'shared/contract.gen.ts', 'shared/validation-errors.ts'];
/** The modules of every function that answers a request with a JSON body, apart from its own. */
const jsonOverHttp = [
  ...contract,
  'functions/middleware/internal-problem.ts',
  'functions/middleware/json-response.ts',
  'functions/middleware/json-body.ts',
  'functions/middleware/json-size.ts',
  'functions/middleware/problem-response.ts',
  'functions/middleware/refuse.ts',
  'functions/middleware/valid-body.ts',
  'functions/shims/abort-controller.ts',
  'functions/shims/timers.ts',
  'node_modules/@middy/core/executionModeStandard.js',
  'node_modules/@middy/core/index.js',
];
const budgets: Record<string, Budget> = {
  'feeling-http': { bytes: 10_000, modules: [...jsonOverHttp, ...rule, 'functions/feeling/http.ts'] },
  'feeling-direct': {
    bytes: 4_000,
    modules: [
      ...contract,
      ...rule,
      'functions/feeling/direct.ts',
      'functions/feeling/event-size.ts',
      'functions/feeling/invalid-event.ts',
    ],
  },
  'feeling-records': {
    bytes: 13_000,
    modules: [
      ...contract,
      ...rule,
      'functions/feeling/envelope.ts',
      'functions/feeling/invalid-event.ts',
      'functions/feeling/records.ts',
      'functions/middleware/json-size.ts',
      'functions/sqs/send-messages.ts',
      'node_modules/aws4fetch/dist/aws4fetch.esm.mjs',
    ],
  },
};

const all = [...deployedFunctions, ...recordsFunctions];

describe('the deployed bundle', () => {
  let stack: SynthesisedStack;
  let directory: string;
  before(async () => {
    stack = await synthesiseStack();
    directory = await mkdtemp(join(tmpdir(), 'feeling-bundle-'));
  });
  after(async () => {
    await stack[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  test('has a budget', () => {
    for (const { name } of all) {
      assert(budgets[name], `${name} has no budget: add it to tests/stack/bundle.test.ts`);
    }
    for (const name of Object.keys(budgets)) {
      const deployed = all.some((fn) => fn.name === name);
      assert(deployed, `tests/stack/bundle.test.ts has a budget for ${name}, which is not deployed: take it out`);
    }
  });

  for (const { operationId, trigger, name } of all) {
    const budget = budgets[name];
    if (!budget) continue;
    const { bytes, modules } = budget;
    describe(`of ${name}`, () => {
      let code: string;
      before(async () => {
        if (trigger === 'records') {
          // This stack has no sources.
          code = Buffer.from(bundleWithSourceMap(`functions/${operationId}/${trigger}.ts`).code).toString();
          return;
        }
        const { functions } = await readAssembly(stack.directory);
        const deployed = functions.find((fn) => fn.name === `${name}-dev`);
        assert(deployed);
        assert.deepEqual(await readdir(deployed.directory), ['index.mjs']);
        code = await readFile(join(deployed.directory, 'index.mjs'), 'utf8');
      });

      test(`has at most ${bytes} bytes`, () => {
        assert(Buffer.byteLength(code) <= bytes, `it has ${Buffer.byteLength(code)}`);
      });

      test('has these modules and no other', async () => {
        const folder = join(directory, name);
        const again = bundleWithSourceMap(`functions/${operationId}/${trigger}.ts`);
        assert.equal(Buffer.from(again.code).toString(), code, 'a source map changes no byte');
        const { outputs } = bundleFunction(`functions/${operationId}/${trigger}.ts`, folder);
        assert.equal(
          await readFile(join(folder, 'index.mjs'), 'utf8'),
          code,
          'the modules are those of another bundle',
        );
        const seen = Object.values(outputs)
          .flatMap(({ inputs }) => Object.entries(inputs))
          .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
          .map(([module]) => module.replace(/^.*(?=node_modules\/)/, ''));
        assert.deepEqual(seen.toSorted(), modules.toSorted());
      });

      test('imports nothing, at start or later, and does not evaluate text', () => {
        assert.deepEqual(reached(code), []);
      });
    });
  }

  const reaching = {
    "import { request } from 'node:http'": "import 'node:http'",
    "export * from 'zlib'": "import 'zlib'",
    "await import('node:fs')": 'import()',
    "require('fs')": 'require',
    "process.getBuiltinModule('fs')": 'getBuiltinModule',
    "eval('1')": 'eval',
    "(0, globalThis.eval)('1')": 'eval',
    "new Function('return 1')": 'Function',
    "import.meta.resolve('x')": 'import.meta',
  };
  for (const [written, found] of Object.entries(reaching)) {
    test(`finds ${written}`, () => {
      assert(reached(`${written};`).includes(found), reached(written).join());
    });
  }
});

/** Returns what loads other code or evaluates text. */
function reached(code: string): string[] {
  const found: string[] = [];
  const words = new Set(['require', 'createRequire', 'getBuiltinModule', 'eval', 'Function']);
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push(`import ${node.moduleSpecifier.getText().replaceAll('"', "'")}`);
    }
    if (node.kind === ts.SyntaxKind.ImportKeyword && ts.isCallExpression(node.parent)) found.push('import()');
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) found.push('import.meta');
    if (ts.isIdentifier(node) && words.has(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('index.mjs', code, ts.ScriptTarget.ESNext, true));
  return found;
}

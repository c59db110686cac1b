/** The runtime that a function finds on Lambda: Node.js, memory, temporary files and the AWS SDK. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';

import { localClient } from '../../harness/lambda-client.ts';
import { type Handler, invoke, serve, type TestFunctionOptions } from '../../harness/test-stack.ts';

const heapLimit: Handler = async () => {
  const { getHeapStatistics } = process.getBuiltinModule('node:v8');
  return { limitMb: Math.round(getHeapStatistics().heap_size_limit / 1024 / 1024), flags: process.execArgv };
};
const wrapped = (wrapper: string): TestFunctionOptions => ({ environment: { AWS_LAMBDA_EXEC_WRAPPER: wrapper } });
const imports = (statement: string) => `export const handler = async () => { ${statement} };`;

const stack = await serve({
  runsNode: {
    code: async () => {
      const { execSync } = process.getBuiltinModule('node:child_process');
      return execSync('node -v').toString().trim();
    },
  },
  runsNodeByPath: {
    code: async () => {
      const { execSync } = process.getBuiltinModule('node:child_process');
      return execSync('node -v; tool').toString().trim().split('\n');
    },
    options: { environment: { PATH: '/var/task/bin:/var/lang/bin:/usr/bin:/bin' } },
  },
  heap: { code: heapLimit, options: { memorySize: 256 } },
  heapOfOld: {
    code: heapLimit,
    options: { memorySize: 256, environment: { NODE_OPTIONS: '--max-old-space-size=500' } },
  },
  heapOfSemi: { code: heapLimit, options: { environment: { NODE_OPTIONS: '--max_semi_space_size=8' } } },
  heapOfOther: { code: heapLimit, options: { memorySize: 256, environment: { NODE_OPTIONS: '--no-deprecation' } } },
  wrapped: { code: () => [process.env['WRAPPED'], process.argv.length], options: wrapped('/var/task/wrapper.sh') },
  wrappedByNothing: { code: () => 1, options: wrapped('/opt/wrapper.sh') },
  wrappedByText: { code: () => 1, options: wrapped('/var/task/text.txt') },
  temporary: {
    code: async () => {
      const { tmpdir } = process.getBuiltinModule('node:os');
      const { writeFileSync, readdirSync } = process.getBuiltinModule('node:fs');
      writeFileSync(`${tmpdir()}/${crypto.randomUUID()}`, 'x');
      return { folder: tmpdir(), files: readdirSync(tmpdir()).length, pid: process.pid };
    },
  },
  calls: {
    code: `import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
      const client = new LambdaClient();
      export const handler = async ({ name }) => {
        const { Payload } = await client.send(new InvokeCommand({ FunctionName: name, Payload: '{"from":"calls"}' }));
        return JSON.parse(Payload.transformToString());
      };`,
  },
  echo: { code: (event) => event },
  requiresSdk: {
    code: `import { createRequire } from 'node:module';
      export const handler = () => typeof createRequire(import.meta.url)('@aws-sdk/client-lambda').LambdaClient;`,
  },
  importsMissingSdk: { code: "import '@aws-sdk/client-kinesis'; export const handler = () => 1;" },
  requiresMissingSdk: {
    code: `import { createRequire } from 'node:module';
      export const handler = () => createRequire(import.meta.url)('@aws-sdk/client-kinesis/package.json');`,
  },
  importsAbove: { code: imports("return (await import('above')).name;") },
  requiresAbove: {
    code: `import { createRequire } from 'node:module';
      export const handler = () => createRequire(import.meta.url)('above/index.js').name;`,
  },
  importsNothing: { code: imports("return (await import('nowhere')).name;") },
  importsOwn: { code: imports("return (await import('own')).name;") },
  worksAside: {
    code: `import { Worker } from 'node:worker_threads';
      import { once } from 'node:events';
      export const handler = async () => {
        const worker = new Worker("console.log('aside'); import('own').then(({ name }) => { require('node:worker_threads').parentPort.postMessage(name) })", { eval: true });
        const [name] = await once(worker, 'message');
        await worker.terminate();
        return name;
      };`,
  },
});
after(() => stack[Symbol.asyncDispose]());
const [task = ''] = stack.runtime.assembly.functions.map(({ directory }) => directory);
const client = localClient(stack.runtime.lambdaUrl);
after(() => client.destroy());

/** Writes a file, executable or not. */
async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
}
const package_ = (folder: string, name: string) =>
  write(join(folder, 'node_modules', name, 'index.js'), `exports.name = '${name}';`);
await write(join(task, 'wrapper.sh'), '#!/bin/sh\nexport WRAPPED="by $(basename "$0")"\nexec "$@"\n', 0o755);
await write(join(task, 'text.txt'), 'text');
await write(join(task, 'bin/tool'), '#!/bin/sh\necho tool\n', 0o755);
await package_(join(stack.directory, '..'), 'above');
await package_(task, 'own');

const resultOf = async (name: string, event = {}) => (await invoke(stack.pool(name), event)).payload;

/** @aws 8.4: `PATH` leads to Node.js 24, also for a child process. */
describe('on Lambda, PATH leads to Node.js 24', () => {
  test('so that `node` in a child process is the version of the function', async () => {
    assert.equal(await resultOf('runsNode'), process.version);
  });

  test('and a PATH of the template finds it in /var/lang/bin, and its own programs in /var/task', async () => {
    assert.deepEqual(await resultOf('runsNodeByPath'), [process.version, 'tool']);
  });
});

describe('on Lambda, the heap limit follows the memory size', () => {
  for (const name of ['heap', 'heapOfOther']) {
    /** @aws 4: The heap limit follows the memory size. */
    test(`unless NODE_OPTIONS sets it: ${name}`, async () => {
      const { limitMb, flags } = await resultOf(name);
      assert(limitMb >= 231 && limitMb <= 290, `${limitMb} MB`);
      assert.deepEqual(flags.slice(0, 2), ['--max-semi-space-size=12', '--max-old-space-size=231']);
    });
  }

  for (const name of ['heapOfOld', 'heapOfSemi']) {
    /** @aws 8.4: `NODE_OPTIONS` with a heap flag replaces those of the bootstrap. */
    test(`and NODE_OPTIONS with a heap flag replaces all of the bootstrap's: ${name}`, async () => {
      const { limitMb, flags } = await resultOf(name);
      assert.equal(flags.filter((flag: string) => flag.includes('space-size')).length, 0);
      if (name === 'heapOfOld') assert(limitMb >= 500, `${limitMb} MB`);
    });
  }
});

describe('on Lambda, AWS_LAMBDA_EXEC_WRAPPER starts the runtime', () => {
  /** @aws 8.4: `AWS_LAMBDA_EXEC_WRAPPER` starts the runtime. */
  test('with the command as its arguments', async () => {
    assert.deepEqual(await resultOf('wrapped'), ['by wrapper.sh', 3]);
  });

  for (const [name, status, line] of [
    ['wrappedByNothing', 127, /^\/opt\/wrapper\.sh: does not exist$/],
    ['wrappedByText', 126, /text\.txt: is not an executable$/],
  ] as const) {
    /** @aws 8.4: A wrapper that is missing ends with status 127, one that is not executable with 126. */
    test(`and one that cannot run ends with exit status ${status}`, async () => {
      const { errorType, errorMessage } = await resultOf(name);
      assert.equal(errorType, 'Runtime.ExitError');
      assert.match(errorMessage, new RegExp(`Runtime exited with error: exit status ${status}$`));
      assert(stack.log.some(({ fn, line: logged }) => fn === name && line.test(logged)));
    });
  }
});

/** @aws 8.4: `/tmp` belongs to one environment and has 512 MB. @here `TMPDIR` is a folder of the environment; `/tmp` is this machine's. */
test('as /tmp on Lambda, TMPDIR belongs to one environment, and is removed with it', async () => {
  const pool = stack.pool('temporary');
  const [one, again] = [(await invoke(pool)).payload, (await invoke(pool)).payload];
  assert.deepEqual([again.folder, again.files], [one.folder, 2]);
  assert(one.folder.startsWith(join(tmpdir(), 'lambda-tmp-')));
  const other = await resultOf('temporary');
  assert.notEqual(other.folder, one.folder);
  assert.equal(existsSync(one.folder), true);
  await pool.stop();
  assert.equal(existsSync(one.folder), false);
});

describe("on Lambda, the runtime has the AWS SDK; here it is this repository's", () => {
  /** @aws 8.4: `AWS_ENDPOINT_URL_LAMBDA` is not set. @here it is the Lambda API of this machine. */
  /** @aws 8.4: The runtime brings the AWS SDK. @here `@aws-sdk/client-lambda` is this repository's, and reaches the functions served here. */
  test('a function that imports @aws-sdk/client-lambda unbundled invokes another function that is served here', async () => {
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'calls', Payload: '{"name":"echo"}' }));
    assert.equal(Payload?.transformToString(), '{"from":"calls"}');
  });

  test('a function can require it', async () => {
    assert.equal(await resultOf('requiresSdk'), 'function');
  });

  for (const name of ['importsMissingSdk', 'requiresMissingSdk']) {
    /** @aws 8.4: The runtime brings every `@aws-sdk/*` package. @here one that is not installed ends with a message that says how to install it. */
    test(`a package of it that is not installed here ends with a message that says how to install it: ${name}`, async () => {
      const { errorMessage } = await resultOf(name);
      assert.match(errorMessage, /Cannot find (package|module) '@aws-sdk\/client-kinesis/);
      assert.match(errorMessage, /Lambda's runtime has the AWS SDK, including @aws-sdk\/client-kinesis\./);
      assert.match(errorMessage, /npm install --save-dev @aws-sdk\/client-kinesis/);
    });
  }
});

describe('a function resolves only packages that are deployed with it', () => {
  for (const [name, found] of [
    ['importsAbove', /^Cannot find package 'above' imported from /],
    ['requiresAbove', /^Cannot find module 'above\/index\.js'\nRequire stack:\n- /],
    ['importsNothing', /^Cannot find package 'nowhere' imported from /],
  ] as const) {
    test(`and not from a node_modules above its folder: ${name}`, async () => {
      const { errorMessage } = await resultOf(name);
      assert.match(errorMessage, found);
    });
  }

  test('from its own node_modules, also in a worker thread', async () => {
    assert.equal(await resultOf('importsOwn'), 'own');
    assert.equal(await resultOf('worksAside'), 'own');
    assert(stack.log.some(({ fn, line }) => fn === 'worksAside' && line.endsWith('aside')));
  });
});

/** A synthesised template that tests edit and read back. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAssembly } from '../../../infra/local/cloud-assembly/read-assembly.ts';
import type { Assembly } from '../../../infra/local/cloud-assembly/stack-model.ts';
import { synthesise } from '../../harness/test-stack.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  Condition?: string;
}

export interface Template {
  Resources: Record<string, Resource>;
}

export interface EditableAssembly extends AsyncDisposable {
  /** Returns a copy of the synthesised template. */
  template(): Template;
  /** Writes a template and reads the assembly. */
  read(template: Template): Promise<Assembly>;
}

/** Synthesises a stack with one function, its version, its alias `live` and a route with a JWT authorizer. */
export async function openAssembly(): Promise<EditableAssembly> {
  const stack = await synthesise(
    { fn: { code: 'export const handler = () => 1;', live: { retryAttempts: 1 } } },
    { jwt: { issuer: 'https://issuer.example', audience: ['a'] } },
  );
  const file = join(stack.directory, 'Test.template.json');
  const synthesised: Template = JSON.parse(await readFile(file, 'utf8'));
  return {
    template: () => structuredClone(synthesised),
    async read(template) {
      await writeFile(file, JSON.stringify(template));
      return readAssembly(stack.directory);
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** Returns the first resource of a type, and its logical id. */
export function find({ Resources }: Template, type: string): { id: string; resource: Resource } {
  const [found] = Object.entries(Resources).filter(([, { Type }]) => Type === type);
  assert(found, type);
  return { id: found[0], resource: found[1] };
}

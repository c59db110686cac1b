import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readContract } from '../../contract/contract-document.ts';
import { projectRoot } from '../../project-root.ts';

/** The schema of a problem: its description says what the problem means. */
const schemaShape = z.object({
  description: z.string(),
  properties: z.object({ type: z.object({ enum: z.tuple([z.string().startsWith('/problems/')]) }) }),
});
/** An example of a problem: its detail says what to do. */
const exampleShape = z.looseObject({ type: z.string(), title: z.string(), status: z.number(), detail: z.string() });

/**
 * Returns the page of a problem type, in HTML: what it means, what to do, and an example, all from the contract.
 * @param type such as `/problems/not-json`
 * @returns undefined if the contract has no such type
 */
export async function problemPage(type: string): Promise<string | undefined> {
  const { document } = await readContract();
  const schemas = Object.values(document.components.schemas).flatMap(
    (schema) => schemaShape.safeParse(schema).data ?? [],
  );
  const schema = schemas.find(({ properties }) => properties.type.enum[0] === type);
  const example = examplesIn(document).find((found) => found.type === type);
  if (!schema || !example) return undefined;
  const texts: Record<string, string> = {
    TITLE: example.title,
    TYPE: type,
    STATUS: String(example.status),
    MEANING: schema.description.trim(),
    ADVICE: example.detail,
    EXAMPLE: JSON.stringify(example, null, 2),
  };
  const template = await readFile(join(projectRoot, 'infra/local/docs/problem/index.html'), 'utf8');
  return template.replaceAll(/%([A-Z]+)%/g, (_, name: string) => inHtml(texts[name] ?? ''));
}

/** Returns the examples of problems anywhere in a document. */
function examplesIn(value: unknown): z.infer<typeof exampleShape>[] {
  if (typeof value !== 'object' || value === null) return [];
  const example = exampleShape.safeParse(value).data;
  return example ? [example] : Object.values(value).flatMap(examplesIn);
}

/** Returns text as HTML. What the contract has between backquotes is code. */
function inHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../infra/project-root.ts';

/**
 * Returns the code blocks of a document, in order.
 * @param file the path of a Markdown file, relative to the root of the project
 * @param language the word after the opening fence
 * @throws {Error} if there is none
 */
export async function codeBlocks(file: string, language: string): Promise<string[]> {
  const text = await readFile(join(projectRoot, file), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const codes = blocks.flatMap(([, found, code = '']) => (found === language ? [code] : []));
  if (codes.length === 0) throw new Error(`${file} has no code block in ${language}.`);
  return codes;
}

/**
 * Returns the one code block that contains a text.
 * @throws {Error} if there is none, or more than one
 */
export async function codeBlock(file: string, language: string, text: string): Promise<string> {
  const [code, ...more] = (await codeBlocks(file, language)).filter((block) => block.includes(text));
  if (code === undefined || more.length > 0) {
    throw new Error(`${file} has ${more.length + (code ? 1 : 0)} code blocks in ${language} with "${text}".`);
  }
  return code;
}

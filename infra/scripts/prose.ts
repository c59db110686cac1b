/** `npm run prose`: finds the phrases that CONTRIBUTING.md ("How we write") rules out, in code, comments and documents. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { runProgram } from './program.ts';
import { projectFiles } from './project-files.ts';

const help = `npm run prose

Prints file, line and phrase wherever the English is not plain. CONTRIBUTING.md, "How we write", has the rule.

  -h, --help  prints this`;

/** A phrase, and what to write for it. The space stands for a line break of a comment too. */
const phrases: [phrase: string, instead: string][] = [
  ['(?:is|are|was|were|be|been) told', 'says, prints, or the active voice: "X tells Y"'],
  ['wants? to (?:be|know)', 'requires'],
  ['who(?:so)?ever', 'the client, the reader, the caller'],
  ['nobody (?:waits|expected|foresaw|thought)', 'asynchronous, unexpected'],
  ['under way', 'in flight, running'],
  ['(?:is|are) other', 'changed, differs'],
  ['anew', 'again'],
  ['of which', 'a sentence of its own'],
  ['in which case', 'a sentence of its own'],
  ['but for', 'except'],
  ['likewise', 'also'],
  ['so that they can', 'to'],
  ['mends?', 'fixes'],
  ['is not to (?:be|wait)', 'must not'],
  ['(?:it|that|this|there) is (?:of no|no) (?:consequence|oversight|fault)', 'a positive statement'],
  ['lest', 'so that ... not'],
  ['(?:hold|holds|held) (?:\\w+ )?against', 'check against'],
  ['found out', 'detected'],
  ['all the same', 'still'],
  ['(?:is|are|was) wanted', 'required'],
  ['nobody else', 'no other'],
  ['what is left', 'the rest, residual risk'],
  ['reckoned', 'computed'],
  ['tried again', 'retried'],
  ['passed over', 'ignored'],
  ['given up', 'discarded'],
  ['whence|whereof|thereof|herein|therein|wherein|hitherto|henceforth', 'where, of it, in it, until now'],
];

const isText = /\.(?:md|ts|[cm]?js|ya?ml|html|css)$/;
/** Generated, or about the phrases themselves. */
const isExempt = /(?:^|\/)(?:prose\.ts|[^/]+\.gen\.ts|EVIDENCE\.md|RESULTS\.md)$/;

await runProgram({ command: 'npm run prose', help, options: {}, main });

async function main(): Promise<void> {
  const files = (await projectFiles()).filter((file) => isText.test(file) && !isExempt.test(file));
  let found = 0;
  for (const file of files) {
    const text = await readFile(join(projectRoot, file), 'utf8');
    for (const [phrase, instead] of phrases) {
      // Between two words there may be a line break, and the start of the next line of a comment.
      const pattern = new RegExp(
        `\\b(?:${phrase.replaceAll(' ', '(?:[ \\t]|\\s*\\n\\s*(?://|\\*|#)?\\s*)')})\\b`,
        'gi',
      );
      for (const { 0: match, index } of text.matchAll(pattern)) {
        found++;
        const line = text.slice(0, index).split('\n').length;
        console.error(`${file}:${line}: ${match.replaceAll(/\s+(?:\/\/|\*|#)?\s*/g, ' ')}: write ${instead}`);
      }
    }
  }
  if (found > 0) process.exitCode = 1;
  else console.log(`The English of ${files.length} files is plain.`);
}

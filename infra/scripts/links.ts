/** `npm run links`: checks that each relative link of each Markdown file leads to a file, and to a heading of it. */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { runProgram } from './program.ts';
import { projectFiles } from './project-files.ts';

const help = `npm run links

Checks every relative link in every Markdown file: the file and the heading must exist.

  -h, --help  prints this`;

/** Links, images and definitions of links. The last group is what they point to. */
const link = /(?:\]\(|^\[[^\]]+\]:[ \t]+|<(?:img|a)[^>]*? (?:src|href)=")<?([^\s)>"]+)/gm;
const isExternal = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i;

await runProgram({ command: 'npm run links', help, options: {}, main });

async function main(): Promise<void> {
  const files = new Set(await projectFiles());
  const texts = new Map<string, string>();
  for (const file of files) if (file.endsWith('.md')) texts.set(file, await readFile(join(projectRoot, file), 'utf8'));
  const broken = [...texts].flatMap(([file, text]) =>
    [...withoutCode(text).matchAll(link)].flatMap(({ index, 1: target = '' }) => {
      const reason = isExternal.test(target) ? undefined : reasonBroken(file, target, files, texts);
      return reason ? [`${file}:${lineAt(text, index)}: ${target}: ${reason}`] : [];
    }),
  );
  for (const line of broken) console.error(line);
  if (broken.length > 0) process.exitCode = 1;
  else console.log(`The links in ${texts.size} Markdown files lead somewhere.`);
}

/** Returns why a link does not resolve, or undefined if it does. */
function reasonBroken(from: string, target: string, files: Set<string>, texts: Map<string, string>) {
  const decoded = percentDecoded(target);
  if (decoded === undefined) return 'it is not percent-encoded UTF-8: write %25 for a %';
  const [path = '', anchor] = decoded.split('#');
  const file = path === '' ? from : posix.join(posix.dirname(from), path).replace(/\/$/, '');
  const exists = files.has(file) || file === '.' || [...files].some((other) => other.startsWith(`${file}/`));
  if (!exists) return `there is no ${file} in the repository: correct the link, or add the file to git`;
  const text = texts.get(file);
  if (anchor === undefined || text === undefined || anchorsOf(text).has(anchor)) return undefined;
  return `${file} has no heading #${anchor}: it has ${[...anchorsOf(text)].map((name) => `#${name}`).join(', ')}`;
}

/** Returns the anchors that GitHub and Gitea give to the headings of a Markdown text. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCodeBlocks(text).matchAll(/^#{1,6}[ \t]+(.+?)[ \t#]*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Blanks out code, in which nothing is a link, and keeps every line and column. */
function withoutCode(text: string): string {
  return withoutCodeBlocks(text).replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, blank);
}

function withoutCodeBlocks(text: string): string {
  return text.replaceAll(/^(```+|~~~+).*?^\1/gms, blank);
}

function blank(code: string): string {
  return code.replaceAll(/[^\n]/g, ' ');
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

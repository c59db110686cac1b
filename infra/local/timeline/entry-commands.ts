import { shellQuoted, shellWord } from '../../shell-word.ts';
import { region } from '../aws/arn.ts';
import type { Entry, HttpEntry } from './entry.ts';
import type { Commands } from './entry-json.ts';
import { eventWithoutCredentials, headerPairs, isCredential } from './hidden-credentials.ts';
import { wholeText } from './kept-body.ts';
import { bodyOf } from './request-body.ts';

/** Where the runtime serves. */
export interface Endpoints {
  /** The API, such as `http://127.0.0.1:3000`. */
  url: string;
  /** The Lambda API. */
  lambdaUrl: string;
}

/** Linux takes at most 128 KB as one argument. */
const mostCharacters = 100_000;

/** Headers that curl sets itself. */
const curlHeaders = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding']);

/** Returns commands that repeat an entry. A credential is a variable of the shell in them. */
export function entryCommands(entry: Entry, endpoints: Endpoints): Commands {
  const event = eventOf(entry);
  const commands: Commands = {};
  if (entry.kind === 'http') {
    const curl = curlRequest(entry, endpoints.url);
    if (curl !== undefined) commands.curl = curl;
  }
  if (event === undefined || event.length > mostCharacters || event.includes('\0') || !entry.target) return commands;
  const { lambdaUrl } = endpoints;
  const name = shellWord(entry.target.name);
  const isEvent = entry.kind === 'event';
  if (entry.kind !== 'http') {
    const path = `/2015-03-31/functions/${encodeURIComponent(entry.target.name)}/invocations`;
    const type = isEvent ? " -H 'x-amz-invocation-type: Event'" : '';
    commands.curl = `curl -i -X POST ${shellWord(lambdaUrl + path)}${type} --data-raw ${shellQuoted(event)}`;
  }
  commands.aws =
    `aws lambda invoke --endpoint-url ${lambdaUrl} --region ${region} --no-sign-request --function-name ${name} ` +
    `${isEvent ? '--invocation-type Event ' : ''}--cli-binary-format raw-in-base64-out ` +
    `--payload ${shellQuoted(event)} output.txt`;
  // A word that starts with a hyphen would be an option.
  const word = event.startsWith('-') ? `-- ${shellQuoted(event)}` : shellQuoted(event);
  commands.npm = `npm run invoke -- --endpoint ${lambdaUrl} --function ${name}${isEvent ? ' --async' : ''} ${word}`;
  return commands;
}

function eventOf({ kind, payload }: Entry): string | undefined {
  const json = wholeText(payload);
  return json !== undefined && kind === 'http' ? eventWithoutCredentials(json) : json;
}

function curlRequest(entry: HttpEntry, apiUrl: string): string | undefined {
  const { report, url, rawHeaders } = entry;
  const body = bodyOf(entry);
  if (body === 'cut' || (body && body.length > mostCharacters)) return undefined;
  const words = ['curl', '-i', '--path-as-is', '-X', shellWord(report.method)];
  if (report.method === 'HEAD') words.splice(1, 4, '--head', '--path-as-is');
  // curl reads brackets and braces as a range of URLs.
  if (/[[\]{}]/.test(url)) words.push('--globoff');
  words.push(shellWord(url.startsWith('/') ? apiUrl + url : url));
  const headers = headerPairs(rawHeaders).filter(([name]) => !curlHeaders.has(name.toLowerCase()));
  for (const [name, value] of headers) {
    if (/^accept$/i.test(name) && value === '*/*') continue;
    if (/^user-agent$/i.test(name) && value.startsWith('curl/')) continue;
    // The shell replaces the variable, which the reader sets.
    if (isCredential(name)) words.push('-H', `"${name}: $${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}"`);
    else words.push('-H', shellQuoted(`${name}: ${value}`));
  }
  if (!body) return words.join(' ');
  if (!headers.some(([name]) => /^content-type$/i.test(name))) words.push('-H', "'content-type:'");
  const text = body.toString();
  if (Buffer.from(text).equals(body) && !text.includes('\0'))
    return [...words, '--data-raw', shellQuoted(text)].join(' ');
  return `printf %s ${body.toString('base64')} | base64 -d | ${[...words, '--data-binary', '@-'].join(' ')}`;
}

import type { EntryDetail, Header, ShownBody } from '../../timeline/entry-json.ts';
import { element } from '../page/elements.ts';

/** How much of a text is shown. */
const mostCharacters = 20_000;

/** Returns the parts of an entry: what was sent, what came back, what the function wrote. */
export function entryParts(detail: EntryDetail): HTMLDetailsElement[] {
  const { request, event, result, response, log, logOmitted, stack, tries, kind } = detail;
  const isHttp = kind === 'http';
  const parts = [];
  if (request) {
    const { method, url, headers, body } = request;
    parts.push(part('request', 'Request', true, message(`${method} ${url}`, headers, body)));
  }
  if (tries && tries.length > 0) parts.push(part('tries', 'Attempts', true, tries.map(attemptLine).join('\n')));
  if (event && !isHttp) parts.push(part('event', 'Event', true, bodyText(event)));
  if (result && !isHttp && !stack) parts.push(part('result', resultTitle(result), true, bodyText(result)));
  if (response && isHttp) {
    parts.push(part('response', 'Response', true, message(String(response.status), response.headers, response.body)));
  }
  if (stack) parts.push(part('stack', 'Stack trace', true, stack.join('\n')));
  const more = logOmitted > 0 ? `\n… ${logOmitted.toLocaleString('en')} more lines` : '';
  if (log.length > 0) parts.push(part('log', 'Log', true, cut(log.join('\n')) + more));
  if (event && isHttp) parts.push(part('event', 'Event as the function got it', false, bodyText(event)));
  // The stack trace says it in fewer lines.
  if (result && (isHttp || stack)) parts.push(part('result', resultTitle(result), false, bodyText(result)));
  if (response && !isHttp) {
    parts.push(part('response', 'Response', false, message(String(response.status), response.headers, response.body)));
  }
  return parts;
}

function part(id: string, title: string, open: boolean, text: string): HTMLDetailsElement {
  const details = document.createElement('details');
  details.id = `part-${id}`;
  details.open = open;
  details.append(element('summary', title), element('pre', text));
  return details;
}

function resultTitle({ failed }: { failed: boolean }): string {
  return failed ? 'Error of the function' : 'Result of the function';
}

function attemptLine(
  { at, milliseconds, cold, error, throttled }: NonNullable<EntryDetail['tries']>[number],
  index: number,
): string {
  const time = new Date(at).toLocaleTimeString('en-GB');
  if (throttled) return `${index + 1}. ${time} throttled`;
  return `${index + 1}. ${time} ${milliseconds} ms ${cold ? 'cold' : 'warm'} ${error ?? 'succeeded'}`;
}

function message(start: string, headers: Header[], body: ShownBody | undefined): string {
  const head = [start, ...headers.map((header) => header.join(': '))].join('\n');
  return body ? `${head}\n\n${bodyText(body)}` : head;
}

function bodyText({ text, base64, omitted = 0 }: ShownBody): string {
  const shown = text === undefined ? `${base64}\n(base64)` : cut(omitted > 0 ? text : indented(text));
  return omitted > 0 ? `${shown}\n… ${omitted.toLocaleString('en')} more were not kept` : shown;
}

/** Returns JSON on several lines, and any other text as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function cut(text: string): string {
  const missing = text.length - mostCharacters;
  return missing > 0 ? `${text.slice(0, mostCharacters)} … ${missing.toLocaleString('en')} more characters` : text;
}

/** The request that the page sends, and the response, as a program would see them. */
import type { FeelingRequest } from '../../../../shared/client.ts';
import { the } from './elements.ts';

/** How much of a body is shown. */
const mostCharacters = 1000;

const request = the('#request', HTMLElement);
const response = the('#response', HTMLElement);
const time = the('#time', HTMLElement);
/** Null where no timeline is kept. */
const entry = document.querySelector<HTMLAnchorElement>('#entry');
const copy = the('#copy', HTMLButtonElement);

/** Returns a command that sends a body. A POSIX shell takes it as it is. */
const curl = (url: string, body: FeelingRequest) =>
  `curl -i -X POST ${url} -H 'content-type: application/json' -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`;

/** Shows a request. Its button copies it as a command. */
export function showRequest(api: string, body: FeelingRequest): void {
  request.textContent = `POST /feeling\ncontent-type: application/json\n\n${shown(JSON.stringify(body, null, 2))}`;
  copy.hidden = false;
  copy.textContent = 'Copy as curl';
  copy.onclick = async () => {
    await navigator.clipboard.writeText(curl(`${api}/feeling`, body));
    copy.textContent = 'Copied';
  };
}

/** Shows that there is no response: none yet, or none at all. */
export function showNoResponse(text: string): void {
  response.textContent = text;
  time.textContent = '';
  if (entry) entry.hidden = true;
}

/** Shows a response, with the headers that the API lets a page read. @param milliseconds from the request on */
export async function showResponse(received: Response, milliseconds: number): Promise<void> {
  const { status, statusText, headers } = received;
  const head = [`${status} ${statusText}`, ...Array.from(headers, (header) => header.join(': '))];
  response.textContent = `${head.join('\n')}\n\n${shown(indented(await received.text()))}`;
  time.textContent = `${Math.round(milliseconds)} ms`;
  const id = headers.get('apigw-requestid');
  if (!entry || id === null) return;
  entry.href = `/requests#${encodeURIComponent(id)}`;
  entry.hidden = false;
}

/** Returns JSON on several lines, and any other text as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Returns the beginning of a long text, and how much is missing. */
function shown(text: string): string {
  const missing = text.length - mostCharacters;
  return missing > 0 ? `${text.slice(0, mostCharacters)} … ${missing.toLocaleString('en')} more characters` : text;
}

import type { EntryDetail, Header } from '../../timeline/entry-json.ts';
import { the } from '../page/elements.ts';

const form = the('#editor', HTMLFormElement);
const method = the('#method', HTMLInputElement);
const url = the('#url', HTMLInputElement);
const headers = the('#headers', HTMLTextAreaElement);
const body = the('#body', HTMLTextAreaElement);
const bodyLabel = the('#body-label', HTMLElement);
const binary = the('#binary', HTMLElement);
const discard = the('#discard', HTMLButtonElement);

/** Headers of the connection: the server sets them itself. */
const ownHeaders = /^(?:connection|content-length|expect|host|keep-alive|transfer-encoding)$/i;

/** The form in which an entry is edited before it is sent again. */
export class EntryEditor {
  private readonly button: HTMLButtonElement;
  private detail: EntryDetail | undefined;

  /**
   * @param button opens and closes the form
   * @param send receives what is different in the entry that is sent
   */
  constructor(button: HTMLButtonElement, send: (edits: object) => void) {
    this.button = button;
    discard.addEventListener('click', () => {
      this.close();
      button.focus();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.detail) send(this.edits(this.detail));
    });
  }

  /** Fills in the form with an entry, and moves the focus there. */
  open(detail: EntryDetail): void {
    this.detail = detail;
    const { request, event } = detail;
    for (const part of form.querySelectorAll<HTMLElement>('.http')) part.hidden = !request;
    method.value = request?.method ?? '';
    url.value = request?.url ?? '';
    const shown = request?.headers.filter(([name]) => !ownHeaders.test(name)) ?? [];
    headers.value = shown.map((header) => header.join(': ')).join('\n');
    bodyLabel.textContent = request ? 'Body' : 'Event';
    body.value = (request ? request.body : event)?.text ?? '';
    const isBinary = request?.body?.base64 !== undefined;
    binary.hidden = !isBinary;
    body.disabled = isBinary;
    form.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    body.focus();
  }

  close(): void {
    form.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
  }

  get isOpen(): boolean {
    return !form.hidden;
  }

  private edits({ request }: EntryDetail): object {
    if (!request) return { event: body.value };
    const edited = headers.value.split('\n').filter((line) => line.trim() !== '');
    const isEmpty = body.disabled || (body.value === '' && !request.body);
    return {
      method: method.value,
      url: url.value,
      headers: edited.map(headerOf),
      ...(!isEmpty && { body: body.value }),
    };
  }
}

function headerOf(line: string): Header {
  const [name = '', ...value] = line.split(':');
  return [name.trim(), value.join(':').trim()];
}

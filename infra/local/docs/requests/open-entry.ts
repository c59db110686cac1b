/** The entry that is open: what was sent and received, and what can be done with it. */
import type { EntryDetail } from '../../timeline/entry-json.ts';
import { element, the } from '../page/elements.ts';
import { EntryEditor } from './entry-editor.ts';
import { entryParts } from './entry-parts.ts';
import { describe } from './summary-text.ts';

const place = the('#entry', HTMLElement);
const heading = the('#heading', HTMLElement);
const facts = the('#facts', HTMLElement);
const failure = the('#failure', HTMLElement);
const actions = the('#actions', HTMLElement);
const again = the('#again', HTMLButtonElement);
const edit = the('#edit', HTMLButtonElement);
const progress = the('#progress', HTMLElement);
const parts = the('#parts', HTMLElement);
const copyPlace = the('#copies', HTMLElement);
const copies = document.querySelectorAll<HTMLButtonElement>('[data-copies]');

/** The entry that is open, and its buttons. */
export class OpenEntry {
  private openId = '';
  private detail: EntryDetail | undefined;
  private isSending = false;
  private readonly editor = new EntryEditor(edit, (edits) => this.send(edits));

  constructor() {
    again.addEventListener('click', () => this.send({}));
    edit.addEventListener('click', () => {
      if (this.editor.isOpen) this.editor.close();
      else if (this.detail) this.editor.open(this.detail);
    });
    for (const button of copies) button.addEventListener('click', () => this.copy(button));
  }

  /** The id of the entry that is open; empty if there is none. */
  get id(): string {
    return this.openId;
  }

  is(id: string): boolean {
    return this.openId !== '' && this.openId === id;
  }

  /** Opens an entry and moves the focus there. @param id empty to close */
  async open(id: string): Promise<void> {
    this.openId = id;
    this.detail = undefined;
    this.editor.close();
    progress.textContent = '';
    place.hidden = id === '';
    if (id === '') return;
    parts.replaceChildren();
    await this.refresh();
    if (this.is(id)) heading.focus();
  }

  /** Shows what the server has of the entry now. Parts stay open or closed, and the focus stays where it is. */
  async refresh(): Promise<void> {
    const id = this.openId;
    const response = await fetch(`/requests/${encodeURIComponent(id)}.json`).catch(() => undefined);
    const json = await response?.json().catch(() => undefined);
    if (!this.is(id)) return;
    if (!response?.ok) return this.showMissing(json?.message ?? 'The server does not answer.');
    this.show(json);
  }

  private show(detail: EntryDetail): void {
    this.detail = detail;
    const { name, outcome, facts: more } = describe(detail);
    heading.textContent = name;
    facts.replaceChildren(...factsOf(detail, [outcome, ...more]));
    failure.textContent = '';
    actions.hidden = false;
    again.hidden = detail.replayRefused !== undefined;
    edit.hidden = detail.kind !== 'http' && detail.replayRefused !== undefined;
    for (const button of copies) {
      button.hidden = detail.commands[commandOf(button)] === undefined;
      button.textContent = nameOf(button);
    }
    copyPlace.hidden = Object.keys(detail.commands).length === 0;
    const closed = new Set(Array.from(parts.querySelectorAll('details:not([open])'), ({ id }) => id));
    const opened = new Set(Array.from(parts.querySelectorAll('details[open]'), ({ id }) => id));
    const shown = entryParts(detail);
    for (const part of shown) part.open = opened.has(part.id) || (part.open && !closed.has(part.id));
    const focused = parts.contains(document.activeElement) ? document.activeElement?.parentElement?.id : undefined;
    parts.replaceChildren(...shown);
    if (focused)
      shown
        .find(({ id }) => id === focused)
        ?.querySelector('summary')
        ?.focus();
    if (detail.replayRefused !== undefined) progress.textContent = `It cannot be sent again. ${detail.replayRefused}`;
  }

  private showMissing(message: string): void {
    heading.textContent = 'Not here';
    facts.textContent = '';
    failure.textContent = message;
    actions.hidden = true;
    copyPlace.hidden = true;
    parts.replaceChildren();
  }

  /** Sends the entry again, and opens the new one. */
  private async send(edits: object): Promise<void> {
    const { detail } = this;
    if (!detail || this.isSending) return;
    this.isSending = true;
    progress.textContent = 'Sending …';
    try {
      const response = await fetch(`/requests/${encodeURIComponent(detail.id)}/replay`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(edits),
      });
      const { id, message } = await response.json();
      progress.textContent = '';
      if (response.ok && id) location.hash = `#${encodeURIComponent(id)}`;
      else progress.textContent = `It was not sent. ${message ?? ''}`;
    } catch {
      progress.textContent = 'It was not sent. The server does not answer.';
    } finally {
      this.isSending = false;
    }
  }

  private async copy(button: HTMLButtonElement): Promise<void> {
    const command = this.detail?.commands[commandOf(button)];
    if (command === undefined) return;
    await navigator.clipboard.writeText(command);
    button.textContent = 'Copied';
    progress.textContent = `Copied as ${nameOf(button)}.`;
  }
}

function factsOf({ requestId, replayOf, queue, function: fn, kind }: EntryDetail, texts: string[]): Node[] {
  const nodes: Node[] = [document.createTextNode(texts.join(' · '))];
  if (kind === 'http' && fn) nodes.push(document.createElement('br'), document.createTextNode(`to ${fn}`));
  if (requestId) nodes.push(document.createElement('br'), element('code', requestId));
  if (queue) nodes.push(document.createElement('br'), document.createTextNode(`Its record is in the queue ${queue}.`));
  if (replayOf) {
    const link = document.createElement('a');
    link.href = `#${encodeURIComponent(replayOf)}`;
    link.textContent = 'The one before';
    nodes.push(document.createElement('br'), link);
  }
  return nodes;
}

function commandOf({ dataset: { copies: name } }: HTMLButtonElement): 'curl' | 'aws' | 'npm' {
  return name === 'aws' || name === 'npm' ? name : 'curl';
}

function nameOf(button: HTMLButtonElement): string {
  return { curl: 'curl', aws: 'aws lambda invoke', npm: 'npm run invoke' }[commandOf(button)];
}

/** The timeline: the list of the last requests, live, and the one that is open. */
import type { Changes, EntrySummary } from '../../timeline/entry-json.ts';
import { element, the } from '../page/elements.ts';
import { OpenEntry } from './open-entry.ts';
import { describe } from './summary-text.ts';

const list = the('#entries', HTMLOListElement);
const empty = the('#empty', HTMLElement);
const connection = the('#connection', HTMLElement);
const pause = the('#pause', HTMLButtonElement);
const filter = the('#filter', HTMLSelectElement);

interface Row {
  summary: EntrySummary;
  item: HTMLLIElement;
  link: HTMLAnchorElement;
}

/** By id. */
const rows = new Map<string, Row>();
const opened = new OpenEntry();
/** Where the reading goes on. */
let next: number | undefined;
let source: EventSource | undefined;

connect();
filter.addEventListener('change', showFiltered);
pause.addEventListener('click', () => (source ? disconnect() : connect()));
window.addEventListener('hashchange', openHash);
the('#back', HTMLButtonElement).addEventListener('click', () => {
  location.hash = '';
});
openHash();

/** Reads the changes as they come. The browser connects again by itself, and goes on where it was. */
function connect(): void {
  source = new EventSource(next === undefined ? '/requests/events' : `/requests/events?after=${next}`);
  source.addEventListener('open', () => say('live', 'Live'));
  source.addEventListener('message', ({ data }) => apply(JSON.parse(data)));
  source.addEventListener('error', () => say('lost', 'Not connected. Is npm start running?'));
  pause.hidden = false;
  pause.textContent = 'Pause';
}

function disconnect(): void {
  source?.close();
  source = undefined;
  pause.textContent = 'Go on';
  say('paused', 'Paused');
}

function say(state: string, text: string): void {
  connection.className = state;
  if (connection.textContent !== text) connection.textContent = text;
}

function apply(changes: Changes): void {
  next = changes.next;
  for (const summary of changes.entries) show(summary);
  // What the server no longer keeps cannot be opened.
  for (const [id, { summary, item }] of rows) {
    if (summary.number >= changes.first) continue;
    item.remove();
    rows.delete(id);
  }
  showFiltered();
  if (changes.entries.some(({ id, requestId }) => opened.is(id) || (requestId && opened.is(requestId))))
    opened.refresh();
}

/** Shows an entry at the top, or what has changed in it. A row stays the same element: it may have the focus. */
function show(summary: EntrySummary): void {
  const row = rows.get(summary.id) ?? newRow(summary);
  row.summary = summary;
  const { name, outcome, level, facts } = describe(summary);
  const status = element('span', outcome);
  status.className = `outcome ${level}`;
  const title = element('span', name);
  title.className = 'name';
  const more = element('span', facts.join(' · '));
  more.className = 'facts';
  row.link.replaceChildren(title, ' ', status, ' ', more);
}

function newRow(summary: EntrySummary): Row {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = `#${encodeURIComponent(summary.id)}`;
  item.append(link);
  list.prepend(item);
  const row = { summary, item, link };
  rows.set(summary.id, row);
  markOpen(row);
  return row;
}

function showFiltered(): void {
  let shown = 0;
  for (const { summary, item } of rows.values()) {
    const { value } = filter;
    item.hidden = !(value === 'all' || value === summary.kind || (value === 'failed' && summary.failed));
    if (!item.hidden) shown++;
  }
  empty.hidden = shown > 0;
  empty.textContent = rows.size > 0 ? 'None of them.' : 'No request yet. Send one: it appears here.';
}

function markOpen({ summary: { id, requestId }, link }: Row): void {
  const isOpen = opened.is(id) || (requestId !== undefined && opened.is(requestId));
  if (isOpen) link.setAttribute('aria-current', 'true');
  else link.removeAttribute('aria-current');
}

/** Opens the entry that the address names. */
function openHash(): void {
  const id = decodeURIComponent(location.hash.slice(1));
  const before = opened.id;
  opened.open(id);
  document.body.classList.toggle('opened', id !== '');
  for (const row of rows.values()) markOpen(row);
  if (id === '' && before !== '') rows.get(before)?.link.focus();
}

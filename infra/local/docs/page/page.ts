/** The page: a face, a message, the feeling. It is also an example of the typed client. */
import {
  createFeelingClient,
  type FeelingRequest,
  type FeelingResponse,
  type ValidationError,
} from '../../../../shared/client.ts';
import { element, the } from './elements.ts';
import { showNoResponse, showRequest, showResponse } from './exchange.ts';
import { type Failure, failureOfAnswer, failureOfSending } from './failure.ts';

/** After this, the page says that the API is slow, and offers to cancel. */
const slowMs = 1000;

const api = the('meta[name=api]', HTMLMetaElement).content;
const form = the('form', HTMLFormElement);
const faces = the('#faces', HTMLElement);
const message = the('#message', HTMLTextAreaElement);
const send = the('button[type=submit]', HTMLButtonElement);
const cancel = the('#cancel', HTMLButtonElement);
const progress = the('#progress', HTMLElement);
const failurePlace = the('#failure', HTMLElement);
const answerPlace = the('#answer', HTMLElement);

let attempts = 0;
const client = createFeelingClient({
  baseUrl: api,
  async fetch(request, init) {
    if (attempts++ > 0) progress.textContent = 'The API is busy; retrying …';
    const start = performance.now();
    const response = await fetch(request, init);
    // A copy: the client reads the response itself.
    showResponse(response.clone(), performance.now() - start).catch(() => showNoResponse('The response was cut off.'));
    return response;
  },
});

// A phone has no room beside the form.
the('#exchange', HTMLDetailsElement).open = matchMedia('(min-width: 56rem)').matches;
form.addEventListener('input', showWhatIsSent);
showWhatIsSent();

let waiting: AbortController | undefined;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  // The button stays enabled while a request is in flight: a disabled one loses the keyboard focus.
  if (!waiting) submit();
});
cancel.addEventListener('click', () => waiting?.abort());

async function submit(): Promise<void> {
  clear();
  const body = filledIn();
  if (!body) return showErrors([{ pointer: '#/emoji_type', detail: 'No face is chosen yet.' }]);

  waiting = new AbortController();
  const { signal } = waiting;
  attempts = 0;
  send.setAttribute('aria-disabled', 'true');
  progress.textContent = 'Sending …';
  showNoResponse('Waiting …');
  const slow = setTimeout(() => {
    progress.textContent = 'The API is slow; still waiting …';
    cancel.hidden = false;
  }, slowMs);
  try {
    const { data, error, response } = await client.POST('/feeling', { body, signal });
    if (data) showAnswer(data);
    else if ('errors' in error) showErrors(error.errors);
    else showFailure(failureOfAnswer(error, response));
  } catch (error) {
    showNoResponse('There is no response.');
    const failure = await failureOfSending(error, api, signal);
    if (!signal.aborted) showFailure(failure);
  } finally {
    clearTimeout(slow);
    waiting = undefined;
    progress.textContent = signal.aborted ? 'Cancelled. You can send it again.' : '';
    send.removeAttribute('aria-disabled');
    // A hidden button loses the keyboard focus.
    if (document.activeElement === cancel) send.focus();
    cancel.hidden = true;
  }
}

/** Returns what the form asks the API, if a face is chosen. */
function filledIn(): FeelingRequest | undefined {
  const face = new FormData(form).get('emoji_type');
  return face === null ? undefined : { emoji_type: Number(face), message: message.value };
}

function showWhatIsSent(): void {
  const body = filledIn();
  if (body) showRequest(api, body);
}

function clear(): void {
  failurePlace.replaceChildren();
  answerPlace.replaceChildren();
  for (const field of [faces, message]) field.removeAttribute('aria-invalid');
  for (const place of document.querySelectorAll('.fault')) place.textContent = '';
}

function showAnswer({ feeling, message }: FeelingResponse): void {
  const face = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS(face.namespaceURI, 'use');
  face.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#${feeling}`);
  face.append(use);
  answerPlace.className = feeling;
  answerPlace.replaceChildren(face, element('h2', feeling), element('p', message));
  answerPlace.scrollIntoView({ block: 'nearest' });
}

function showFailure({ title, advice }: Failure): void {
  failurePlace.replaceChildren(element('h2', title), element('p', advice));
  failurePlace.scrollIntoView({ block: 'nearest' });
}

/** Shows each error at its field, and moves the focus to the first. */
function showErrors(faults: ValidationError[]): void {
  for (const { pointer, detail } of faults) {
    const place = document.getElementById(`${pointer.replace('#/', '')}-fault`);
    const field = pointer === '#/message' ? message : faces;
    field.setAttribute('aria-invalid', 'true');
    if (place) place.textContent = pointer === '#/message' ? `The message ${detail}.` : detail;
  }
  const first = faults.some(({ pointer }) => pointer === '#/emoji_type') ? faces.querySelector('input') : message;
  first?.focus();
}

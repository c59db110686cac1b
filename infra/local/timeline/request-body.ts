import type { HttpEntry } from './entry.ts';
import { wholeText } from './kept-body.ts';

/**
 * Returns the body of an HTTP request, which only its event has.
 * @returns undefined where it is empty or was not read, `cut` where the event was too long to be kept
 */
export function bodyOf({ payload }: HttpEntry): Buffer | 'cut' | undefined {
  if (!payload) return undefined;
  const json = wholeText(payload);
  if (json === undefined) return 'cut';
  const { body, isBase64Encoded }: { body?: string; isBase64Encoded?: boolean } = JSON.parse(json);
  return body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

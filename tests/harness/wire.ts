/** HTTP/1.1 as bytes on a connection: what no HTTP client would send, and exactly what comes back. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { open } from './http-client.ts';

export interface WireResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/**
 * Sends bytes, piece by piece, on a connection of their own.
 * @returns the answers that came until the other side closed the connection
 * @throws {AssertionError} when what came is not a sequence of whole answers
 */
export async function exchange(url: string, ...pieces: (string | Buffer)[]): Promise<WireResponse[]> {
  const socket = await open(url);
  const answers = answersUntilClosed(socket);
  for (const piece of pieces) {
    if (!socket.writable) break;
    socket.write(piece);
    await turn();
  }
  return answers;
}

/** What comes until the other side closes the connection. */
export async function answersUntilClosed(socket: Socket): Promise<WireResponse[]> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // Sending after the other side has closed is an error. What came before still counts.
  socket.on('error', () => socket.destroy());
  await new Promise((resolve) => socket.on('close', resolve));
  return answersIn(Buffer.concat(chunks));
}

/** The only answer. */
export async function onlyResponse(url: string, ...pieces: (string | Buffer)[]): Promise<WireResponse> {
  const [answer, ...more] = await exchange(url, ...pieces);
  assert(answer, 'the connection was closed without an answer');
  assert.deepEqual(more, []);
  return answer;
}

/** Cuts what came into answers; whatever is no answer, or half of one, is a fault. */
function answersIn(bytes: Buffer): WireResponse[] {
  const answers: WireResponse[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n');
    assert(end > 0, `no head of an answer: ${rest.toString('latin1', 0, 200)}`);
    const [start = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n');
    const [, status] = /^HTTP\/1\.1 (\d{3}) [\w ]+$/.exec(start) ?? [];
    assert(status, `no status line: ${start}`);
    const headers: Record<string, string> = Object.create(null);
    for (const line of lines) {
      const [, name, value] = /^([\w-]+): (.*)$/.exec(line) ?? [];
      assert(name && value !== undefined && !(name.toLowerCase() in headers), `no header, or twice: ${line}`);
      headers[name.toLowerCase()] = value;
    }
    const length = Number(headers['content-length'] ?? 0);
    const body = rest.subarray(end + 4, end + 4 + length);
    assert.equal(body.length, length, 'an answer was cut off');
    answers.push({ status: Number(status), headers, body: body.toString() });
    rest = rest.subarray(end + 4 + length);
  }
  return answers;
}

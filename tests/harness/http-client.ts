/** What supertest cannot send, or hides of the answer. */
import { once } from 'node:events';
import { type OutgoingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Reply {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** Sends a request with no headers but those given, `host` and what frames the body. */
export async function send(
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: Buffer | string } = {},
): Promise<Reply> {
  const { origin, host } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const outgoing = request(
    // The path as it is written: URL would encode it.
    { ...urlOptions(origin), path: url.slice(origin.length), method, headers: { host, ...headers }, agent: false },
    async (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) });
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

function urlOptions(origin: string) {
  const { hostname, port } = new URL(origin);
  return { hostname, port };
}

/** Sends bytes, and gives all that comes until the other side closes the connection. */
export async function sendBytes(url: string, bytes: string | Buffer): Promise<string> {
  const socket = await open(url);
  socket.write(bytes);
  return text(socket);
}

/** Opens a connection. */
export async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

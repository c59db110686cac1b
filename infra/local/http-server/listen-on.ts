import { once } from 'node:events';
import type { Server } from 'node:http';

/** Connections that may wait to be taken. Of a burst of more than Node's 511, some would try again after a second. */
const backlog = 4096;

/**
 * Has a server listen on 127.0.0.1, and nowhere else.
 * @param port 0 for any that is free
 * @returns the port
 * @throws {Error} with the code EADDRINUSE when the port is taken.
 */
export async function listenOn(server: Server, port: number): Promise<number> {
  server.listen({ port, host: '127.0.0.1', backlog });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  return address.port;
}

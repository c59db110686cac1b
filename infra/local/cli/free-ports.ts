import { once } from 'node:events';
import { createServer } from 'node:http';
import { listenOn } from '../http-server/listen-on.ts';

/**
 * Checks before the synthesis, which takes seconds, that ports are free.
 * @throws {Error} with the code EADDRINUSE for the first port that is taken.
 */
export async function refuseTakenPorts(ports: number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer();
    await listenOn(server, port);
    const closed = once(server, 'close');
    server.close();
    await closed;
  }
}

import { LocalServer } from '../http-server/local-server.ts';

/**
 * Checks that ports are free, before the synthesis, which takes seconds.
 * @throws {Error} with the code EADDRINUSE for the first port that is taken.
 */
export async function refuseTakenPorts(ports: number[]): Promise<void> {
  for (const port of ports) {
    const server = new LocalServer({}, () => {});
    await server.listen(port);
    await server.stop();
  }
}

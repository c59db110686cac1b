import { LocalServer } from '../http-server/local-server.ts';

/** A port that another program uses. The message says what to do. */
export class TakenPortError extends Error {
  override readonly name = 'TakenPortError';

  /** @param others a command that chooses other ports */
  constructor(port: unknown, others: string) {
    super(`Port ${port} is taken. Stop the program that uses it, or choose others: ${others}`);
  }
}

/** A command that chooses other ports for the servers. */
export const otherPorts = 'PORT=3100 LAMBDA_PORT=3101 DOCS_PORT=3102 npm start';

/**
 * Checks that ports are free, before the synthesis, which takes seconds.
 * @param others a command that chooses other ports
 * @throws {TakenPortError} for the first port that is taken.
 */
export async function refuseTakenPorts(ports: number[], others = otherPorts): Promise<void> {
  for (const port of ports) {
    const server = new LocalServer({}, () => {});
    await server.listen(port).catch((error: unknown) => {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      throw isTaken ? new TakenPortError(port, others) : error;
    });
    await server.stop();
  }
}

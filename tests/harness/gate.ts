import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrival {
  /** Of the handler's process, where it tells it in the query; else NaN, which no signal can be sent to. */
  pid: number;
  /** Settles when the connection is closed: when the handler's process ends, unless it is let go on before. */
  gone: Promise<void>;
  /** Lets the handler go on. */
  release(): void;
}

export interface Gate extends AsyncDisposable {
  /**
   * Where a handler waits: `const response = await fetch(url)` says that it is there, and
   * `await response.text()` waits until it is let go on.
   */
  url: string;
  /** The next handler that comes, in the order of their coming. */
  arrival(): Promise<Arrival>;
}

/** A place where handlers wait until the test lets them go on, so that no test has to wait for a time. */
export async function openGate(): Promise<Gate> {
  const arrivals: Arrival[] = [];
  const expected: ((arrival: Arrival) => void)[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    // Otherwise one connection would serve many arrivals, and each listens for its end.
    response.shouldKeepAlive = false;
    const arrival: Arrival = {
      pid: Number(new URL(request.url ?? '/', 'http://gate').searchParams.get('pid') ?? Number.NaN),
      gone: new Promise((resolve) => request.socket.on('close', () => resolve())),
      release: () => response.end(),
    };
    response.flushHeaders();
    const next = expected.shift();
    if (next) next(arrival);
    else arrivals.push(arrival);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrival: () =>
      new Promise((resolve) => {
        const first = arrivals.shift();
        if (first) resolve(first);
        else expected.push(resolve);
      }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

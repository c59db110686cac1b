/** The server that synthesises stacks for every process of a test run, so that one process only loads the CDK. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { serverVariable } from './request-synthesis.ts';
import { synthesisRequestShape } from './synthesis-request.ts';
import { synthesise } from './synthesise.ts';

/** Starts the server on any free port and sets `serverVariable`. It does not keep its process alive. */
export async function startSynthesisServer(): Promise<Server> {
  const server = createServer(async (request, response) => {
    try {
      await synthesise(synthesisRequestShape.parse(await json(request)));
      response.end();
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      response.writeHead(500).end(JSON.stringify({ name, message }));
    }
  });
  server.listen(0, '127.0.0.1').unref();
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  process.env[serverVariable] = `http://127.0.0.1:${port}/`;
  return server;
}

// @ts-check
/**
 * Stands in for `rapid-client.node`, the native HTTP module of `aws-lambda-ric`, which is built with
 * cmake at install. Preloaded in the function's process (`node --require`), it takes the module's
 * place when the runtime client asks for it; the runtime client itself runs unmodified.
 *
 * It is JavaScript, not TypeScript, because stripping types would be paid at each cold start.
 */
const { registerHooks } = require('node:module');
const { createConnection } = require('node:net');
const { pathToFileURL } = require('node:url');

const hooks = registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== './rapid-client.node') return nextResolve(specifier, context);
    hooks.deregister();
    return { url: pathToFileURL(__filename).href, format: 'commonjs', shortCircuit: true };
  },
});

// The function may put something of its own in its place.
const writeOutput = process.stdout.write.bind(process.stdout);

const prefix = '/2018-06-01/runtime/invocation';
const [host = '', port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');

/** @typedef {{ headers: Record<string, string>, body: string }} Answer */

/**
 * Answers that are due, in the order of their requests: one connection, one request after another.
 * @type {((answer: Answer) => void)[]}
 */
const due = [];
/** @type {import('node:net').Socket | undefined} */
let socket;

/**
 * Asks for the next invocation. Only this keeps the process alive: as on Lambda, a handler that
 * waits for nothing and never settles ends it.
 */
async function next() {
  const { headers, body } = await send('GET', `${prefix}/next`, '', true);
  return { bodyJson: body, headers };
}

/**
 * Posts the result of an invocation.
 * @param {string} id
 * @param {string} body
 */
function done(id, body) {
  post(id, 'response', body);
}

/**
 * Posts the error that an invocation ended with. The third argument of the native module, what X-Ray
 * is to know, goes nowhere: nobody traces here.
 * @param {string} id
 * @param {string} body
 */
function error(id, body) {
  post(id, 'error', body);
}

/**
 * @param {string} id
 * @param {string} resource
 * @param {string} body
 */
function post(id, resource, body) {
  // Tells whoever reads the output that all of this invocation's lines have gone before.
  writeOutput(`\0${id}\n`);
  send('POST', `${prefix}/${id}/${resource}`, body, false);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {string} body
 * @param {boolean} keepAlive whether the process is to wait for the answer
 * @returns {Promise<Answer>}
 */
function send(method, path, body, keepAlive) {
  socket ??= connect();
  const open = socket;
  if (keepAlive) open.ref();
  const length = Buffer.byteLength(body);
  open.write(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${length}\r\n\r\n${body}`);
  return new Promise((resolve) => {
    due.push((answer) => {
      if (keepAlive) open.unref();
      resolve(answer);
    });
  });
}

function connect() {
  const open = createConnection({ host, port: Number(port), noDelay: true }).unref();
  /** @type {Buffer[]} */
  let chunks = [];
  let received = 0;
  let wanted = 0;
  open.on('data', (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    while (received >= wanted && received > 0) {
      const buffer = Buffer.concat(chunks);
      const head = parseHead(buffer);
      wanted = head ? head.size : received + 1;
      chunks = [buffer];
      if (!head || received < wanted) return;
      chunks = [buffer.subarray(wanted)];
      received -= wanted;
      wanted = 0;
      due.shift()?.({ headers: head.headers, body: buffer.toString('utf8', head.start, head.size) });
    }
  });
  // Whoever served the Runtime API is gone, and with it the reason to run.
  open.on('error', () => process.exit(1));
  open.on('close', () => process.exit(1));
  return open;
}

/**
 * The head of the first answer in what was received, once it is complete, and where the body starts
 * and ends. The Runtime API gives the length of every answer.
 * @param {Buffer} received
 */
function parseHead(received) {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  /** @type {Record<string, string>} */
  const headers = {};
  for (const line of received.toString('latin1', 0, end).split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const start = end + 4;
  return { headers, start, size: start + Number(headers['content-length']) };
}

module.exports = { next, done, error };

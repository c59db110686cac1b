// @ts-check
/**
 * Stands in for `rapid-client.node`, the native HTTP module of `aws-lambda-ric`, which is built with
 * cmake at install. Preloaded in the function's process (`node --require`), it takes the module's
 * place when the runtime client asks for it; the runtime client itself runs unmodified.
 *
 * It speaks over a pipe (native-channel.ts), which takes half the time of HTTP. What the runtime client
 * sends by HTTP itself, such as a streamed response, goes to the Runtime API as on Lambda.
 *
 * It is JavaScript, not TypeScript, because stripping types would be paid at each cold start.
 */
const { registerHooks } = require('node:module');
const { Socket } = require('node:net');
const { pathToFileURL } = require('node:url');
const { frameOf, readFrames } = require('./frames.cjs');

const hooks = registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== './rapid-client.node') return nextResolve(specifier, context);
    hooks.deregister();
    return { url: pathToFileURL(__filename).href, format: 'commonjs', shortCircuit: true };
  },
});

// The function may put something of its own in the place of `write`.
const outputs = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));

/** @typedef {{ bodyJson: string, headers: Record<string, string> }} NextInvocation */

/** @type {import('node:net').Socket | undefined} */
let channel;
/** @type {((invocation: NextInvocation) => void) | undefined} */
let waiting;

/**
 * Asks for the next invocation. Only this keeps the process alive: as on Lambda, a handler that
 * waits for nothing and never settles ends it.
 * @returns {Promise<NextInvocation>}
 */
function next() {
  return new Promise((resolve) => {
    afterOutput(() => {
      const open = write('next', '').ref();
      waiting = (invocation) => {
        open.unref();
        resolve(invocation);
      };
    });
  });
}

/**
 * Posts the result of an invocation.
 * @param {string} id
 * @param {string} body
 */
function done(id, body) {
  afterOutput(() => write(`response ${id}`, body));
}

/**
 * Posts the error that an invocation ended with. The third argument of the native module, what X-Ray
 * is to know, goes nowhere: nobody traces here.
 * @param {string} id
 * @param {string} body
 */
function error(id, body) {
  afterOutput(() => write(`error ${id}`, body));
}

/**
 * Does something once all that was written is on its way: what is more than a pipe takes goes bit by bit.
 * @param {() => void} act
 */
function afterOutput(act) {
  const full = outputs.find(({ stream }) => stream.writable && stream.writableLength > 0);
  if (full) full.write('', () => afterOutput(act));
  else act();
}

/**
 * @param {string} head
 * @param {string} body
 */
function write(head, body) {
  channel ??= open();
  channel.write(frameOf(head, body));
  return channel;
}

function open() {
  const socket = new Socket({ fd: 3 }).unref();
  readFrames(socket, (head, body) => {
    waiting?.({ bodyJson: body.toString(), headers: JSON.parse(head) });
  });
  // Whoever served the channel is gone, and with it the reason to run.
  socket.on('error', () => process.exit(1));
  socket.on('close', () => process.exit(1));
  return socket;
}

module.exports = { next, done, error };

// @ts-check
/**
 * Stands in for `rapid-client.node`, the native HTTP module of `aws-lambda-ric`, which needs cmake to build. The
 * function's process preloads it (`node --require`), and the unmodified runtime client loads it as its own module.
 *
 * It speaks over a pipe (pipe-channel.ts), which takes half the time of HTTP. What the runtime client sends by HTTP
 * itself, such as a streamed response, goes to the Runtime API as on Lambda.
 *
 * It is JavaScript, not TypeScript, because every cold start would pay for stripping the types.
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

// A function may replace `write` by its own.
const outputs = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));

/** @typedef {{ bodyJson: string, headers: Record<string, string> }} NextInvocation */

/** @type {import('node:net').Socket | undefined} */
let channel;
/** @type {((invocation: NextInvocation) => void) | undefined} */
let waiting;

/**
 * Waits for the next invocation. Only this keeps the process alive: as on Lambda, the process exits when a handler
 * never settles and nothing else is pending.
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
 * Posts the error of an invocation. The native module has a third argument, the error for X-Ray. It is ignored: there
 * is no X-Ray here.
 * @param {string} id
 * @param {string} body
 */
function error(id, body) {
  afterOutput(() => write(`error ${id}`, body));
}

/**
 * Calls back once all output is in the pipe. A full pipe takes output in parts, as it is read.
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
  // The local runtime has ended.
  socket.on('error', () => process.exit(1));
  socket.on('close', () => process.exit(1));
  return socket;
}

module.exports = { next, done, error };

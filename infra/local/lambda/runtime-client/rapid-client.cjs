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
const { realpathSync } = require('node:fs');
const { registerHooks } = require('node:module');
const { Socket } = require('node:net');
const { pathToFileURL } = require('node:url');
const { isMainThread } = require('node:worker_threads');
const { frameOf, readFrames } = require('./frames.cjs');
const { resolveAsOnLambda } = require('./module-resolution.cjs');
const { sendToTelemetry } = require('./telemetry.cjs');

const resolve = resolveAsOnLambda(realpathSync(process.env['LAMBDA_TASK_ROOT'] ?? '.'));
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== './rapid-client.node') return resolve(specifier, context, nextResolve);
    return { url: pathToFileURL(__filename).href, format: 'commonjs', shortCircuit: true };
  },
});

// A worker's output goes to the main thread.
if (isMainThread) {
  sendToTelemetry(process.stdout, 'stdout');
  sendToTelemetry(process.stderr, 'stderr');
}

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
    const open = write('next', '').ref();
    waiting = (invocation) => {
      open.unref();
      resolve(invocation);
    };
  });
}

/**
 * Posts the result of an invocation.
 * @param {string} id
 * @param {string} body
 */
function done(id, body) {
  write(`response ${id}`, body);
}

/**
 * Posts the error of an invocation. The native module has a third argument, the error for X-Ray. It is ignored: there
 * is no X-Ray here.
 * @param {string} id
 * @param {string} body
 */
function error(id, body) {
  write(`error ${id}`, body);
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

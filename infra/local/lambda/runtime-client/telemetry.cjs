// @ts-check
/**
 * Sends output to the telemetry pipe, on which the runtime client writes its log lines (docs: telemetry, RIC:
 * TelemetryLogger). A frame is four bytes of type, four of length, eight of timestamp, and the message. It is JavaScript
 * because rapid-client.cjs loads it.
 */
const { writeSync } = require('node:fs');

/** The descriptor of the pipe in the function's process. */
const telemetryFd = 4;
const headerLength = 16;
/** The first byte of the runtime client's own frames. */
const frameMark = 0xa5;
/** Frames of ours: unformatted output. The runtime client has 0xa55a0002 and 0xa55a0003, and a level in the third byte. */
const rawTypes = { stdout: 0xa55aff01, stderr: 0xa55aff02 };

/**
 * Has what the function writes to a stream go into the pipe at once. On its own pipe it could be lost when the process
 * ends, and come out of order with the lines of the runtime client.
 * @param {import('node:stream').Writable} stream
 * @param {keyof typeof rawTypes} name
 */
function sendToTelemetry(stream, name) {
  /** @param {Buffer} bytes */
  const send = (bytes) => {
    const frame = Buffer.allocUnsafe(headerLength + bytes.length);
    frame.writeUInt32BE(rawTypes[name], 0);
    frame.writeUInt32BE(bytes.length, 4);
    frame.writeBigUInt64BE(0n, 8);
    bytes.copy(frame, headerLength);
    for (let start = 0; start < frame.length; ) start += writeSync(telemetryFd, frame, start);
  };
  Object.assign(stream, {
    /** @type {import('node:stream').Writable['_write']} */
    _write(chunk, encoding, callback) {
      try {
        send(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        callback();
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)));
      }
    },
    _writev: undefined,
  });
  // Node.js made the descriptor non-blocking when it opened the stream. A function that writes to the descriptor itself
  // would get EAGAIN once the pipe is full.
  Reflect.get(stream, '_handle')?.setBlocking?.(true);
}

module.exports = { frameMark, headerLength, rawTypes, sendToTelemetry, telemetryFd };

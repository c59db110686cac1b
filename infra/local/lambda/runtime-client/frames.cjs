// @ts-check
/**
 * The messages between a function's process and the local runtime on their pipe. A frame is a head, which says what it
 * is, and a body. It is JavaScript because rapid-client.cjs loads it.
 */

/** The lengths of head and body in bytes, four bytes each. */
const prefixLength = 8;

/**
 * Returns a frame.
 * @param {string} head
 * @param {string | Buffer} body
 * @returns {Buffer}
 */
function frameOf(head, body) {
  const headLength = Buffer.byteLength(head);
  const bodyLength = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(prefixLength + headLength + bodyLength);
  frame.writeUInt32BE(headLength, 0);
  frame.writeUInt32BE(bodyLength, 4);
  frame.write(head, prefixLength);
  if (typeof body === 'string') frame.write(body, prefixLength + headLength);
  else body.copy(frame, prefixLength + headLength);
  return frame;
}

/**
 * Reads frames from a stream.
 * @param {import('node:stream').Readable} stream
 * @param {(head: string, body: Buffer) => void} receive gets each frame once it is complete
 */
function readFrames(stream, receive) {
  /** @type {Buffer[]} */
  let chunks = [];
  let received = 0;
  let wanted = prefixLength;
  stream.on('data', (/** @type {Buffer} */ chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    while (received >= wanted) {
      const [first] = chunks;
      const buffer = first && chunks.length === 1 ? first : Buffer.concat(chunks);
      chunks = [buffer];
      const headEnd = prefixLength + buffer.readUInt32BE(0);
      wanted = headEnd + buffer.readUInt32BE(4);
      if (received < wanted) return;
      chunks = [buffer.subarray(wanted)];
      received -= wanted;
      const end = wanted;
      wanted = prefixLength;
      receive(buffer.toString('utf8', prefixLength, headEnd), buffer.subarray(headEnd, end));
    }
  });
}

module.exports = { frameOf, readFrames };

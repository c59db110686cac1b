/** Streaming handlers that fail: where, and what Lambda reports. */
export interface StreamingFailure {
  /** The body of `async (event, stream) => { … }`. */
  body: string;
  errorType: string;
  errorMessage: string | RegExp;
}

export const streamingFailures: Record<string, StreamingFailure> = {
  'throws before it writes': {
    body: "throw new RangeError('boom');",
    errorType: 'RangeError',
    errorMessage: 'boom',
  },
  'throws after a write': {
    body: "stream.write('half'); throw new RangeError('boom');",
    errorType: 'RangeError',
    errorMessage: 'boom',
  },
  'throws after 1 MB': {
    body: "stream.write('x'.repeat(1_000_000)); await new Promise(setImmediate); throw new RangeError('boom');",
    errorType: 'RangeError',
    errorMessage: 'boom',
  },
  'throws an error of 100 kB': {
    body: "throw new RangeError('x'.repeat(100_000));",
    errorType: 'RangeError',
    errorMessage: /^x{100000}$/,
  },
  'throws an emoji': {
    body: "stream.write('half'); throw new Error('💥');",
    errorType: 'Error',
    errorMessage: '💥',
  },
  'throws a string': {
    body: "throw 'boom';",
    errorType: 'string',
    errorMessage: 'boom',
  },
  'breaks its stream with an error': {
    body: "stream.write('half'); await new Promise(setImmediate); stream.destroy(new Error('boom'));",
    // The runtime client leaves a rejection unhandled.
    errorType: 'Runtime.ExitError',
    errorMessage: /exit status 1$/,
  },
  'breaks its stream without an error': {
    body: "stream.write('half'); await new Promise(setImmediate); stream.destroy();",
    // The runtime client leaves a rejection unhandled.
    errorType: 'Runtime.ExitError',
    errorMessage: /exit status 1$/,
  },
  'pipes a source that fails': {
    body: `
      const { pipeline } = process.getBuiltinModule('node:stream/promises');
      async function* source() { yield 'half'; throw new Error('boom'); }
      await pipeline(source, stream);`,
    // The runtime client leaves a rejection unhandled.
    errorType: 'Runtime.ExitError',
    errorMessage: /exit status 1$/,
  },
  'breaks its stream and handles every rejection': {
    body: `
      process.on('unhandledRejection', () => {});
      await new Promise((resolve) => stream.write('half', resolve));
      stream.destroy();`,
    errorType: 'Runtime.TruncatedResponse',
    errorMessage: /truncated/,
  },
  'exits in the middle of its response': {
    body: "stream.write('half'); await new Promise(setImmediate); process.exit(3);",
    errorType: 'Runtime.ExitError',
    errorMessage: /exit status 3$/,
  },
  'writes 7 MB': {
    body: "stream.write('x'.repeat(7_000_000)); stream.end();",
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: /6291556 bytes/,
  },
};

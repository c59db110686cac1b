/** `npm start`: synthesises the stack and serves it on 127.0.0.1. `npm run dev` follows edits, too. */
import { isUsageError } from '../../scripts/program.ts';
import { errorMessage } from './error-message.ts';
import { serveHelp, serveOptions } from './serve-options.ts';

try {
  const options = await serveOptions();
  if (options) {
    // Not loaded by those who are told how it is used: the CDK takes its time.
    const { serveStack } = await import('./serve-stack.ts');
    await serveStack(options);
  } else console.log(serveHelp());
} catch (error) {
  const isUsage = error instanceof Error && isUsageError(error);
  console.error(isUsage ? `${error.message}\n\n${serveHelp()}` : errorMessage(error));
  process.exit(1);
}

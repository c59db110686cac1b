/** `npm start`: synthesises the stack and serves it on 127.0.0.1. `npm run dev` also serves each edit. */
import { runProgram } from '../../scripts/program.ts';
import { errorMessage } from './error-message.ts';
import { serveOptions, serveOptionTypes, suggestOption } from './serve-options.ts';

await runProgram({
  command: process.env['npm_lifecycle_event'] === 'dev' ? 'npm run dev' : 'npm start',
  // Loaded only where they are needed: the keys of the configuration take the CDK, which takes its time.
  help: async () => (await import('./serve-help.ts')).serveHelp(),
  options: serveOptionTypes,
  suggest: suggestOption,
  async main(values) {
    const options = await serveOptions(values);
    const { serveStack } = await import('./serve-stack.ts');
    await serveStack(options);
  },
  explain: errorMessage,
});
// Nothing of a start that failed may hold the process.
if (process.exitCode) process.exit();

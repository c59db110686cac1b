/** Preloaded in `npm start`: has it say, on SIGUSR2, how much of its heap is in use once the garbage is collected. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  // What the first one found of buffers is let go meanwhile, and by the second at the latest.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  console.log(`Bytes in use: ${heapUsed + external}`);
});

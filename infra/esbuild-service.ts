import { type BuildOptions, type BuildResult, build, type SameShape, stop } from 'esbuild';

/** A build that has not ended by then waits for something that never comes, such as a FIFO among the sources. */
const patienceMs = 60_000;

let restarting: Promise<void> | undefined;
let isStopped = false;
/** Rejects when the service is stopped. esbuild does not settle the builds that `stop` ends. */
const stopped = Promise.withResolvers<never>();
stopped.promise.catch(() => {});

/**
 * Builds in esbuild's own process. Where that was killed, starts another and builds again.
 * @throws {Error} that names file and line, when the code cannot be built.
 */
export async function buildInService<Options extends BuildOptions>(
  options: SameShape<BuildOptions, Options>,
): Promise<BuildResult<Options>> {
  if (isStopped) return stopped.promise;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`The build did not end within ${patienceMs / 1000} s.`));
    stop();
  }, patienceMs).unref();
  try {
    return await Promise.race([buildAgain<Options>(options), late.promise, stopped.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function buildAgain<Options extends BuildOptions>(
  options: SameShape<BuildOptions, Options>,
): Promise<BuildResult<Options>> {
  try {
    return await build<Options>(options);
  } catch (error) {
    const isGone = error instanceof Error && /^The service (was stopped|is no longer running)/.test(error.message);
    if (!isGone) throw error;
    // Builds that failed together share one restart.
    restarting ??= stop().finally(() => {
      restarting = undefined;
    });
    await restarting;
    return await build<Options>(options);
  }
}

/** Ends esbuild's process, and fails every build from then on. */
export async function stopService(): Promise<void> {
  isStopped = true;
  stopped.reject(new Error('The builds were stopped.'));
  await stop();
}

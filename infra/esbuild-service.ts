import { type BuildOptions, type BuildResult, build, type SameShape, stop } from 'esbuild';

/** A build that has not ended by then waits for something that never comes, such as a FIFO among the sources. */
const patienceMs = 60_000;

let restarting: Promise<void> | undefined;
let isStopped = false;

/**
 * Builds in esbuild's own process. Where that was killed, starts another and builds again.
 * @throws {Error} that names file and line, when the code cannot be built.
 */
export async function buildInService<Options extends BuildOptions>(
  options: SameShape<BuildOptions, Options>,
): Promise<BuildResult<Options>> {
  let isGivenUp = false;
  const timer = setTimeout(() => {
    isGivenUp = true;
    stop();
  }, patienceMs).unref();
  try {
    return await build<Options>(options);
  } catch (error) {
    if (isGivenUp) throw new Error(`The build did not end within ${patienceMs / 1000} s.`, { cause: error });
    const isGone = error instanceof Error && /^The service (was stopped|is no longer running)/.test(error.message);
    if (!isGone || isStopped) throw error;
    // Builds that failed together share one restart.
    restarting ??= stop().finally(() => {
      restarting = undefined;
    });
    await restarting;
    return await build<Options>(options);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends esbuild's process, and every build in it. There is no build after that. */
export async function stopService(): Promise<void> {
  isStopped = true;
  await stop();
}

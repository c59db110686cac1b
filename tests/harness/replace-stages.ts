/** Preloaded into programs that tests start: they load the stages of the tests in place of infra/stages.ts. */
import { registerHooks } from 'node:module';

const replaced = new URL('../../infra/stages.ts', import.meta.url).href;
const url = new URL('./stages.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    return resolved.url === replaced ? { ...resolved, url } : resolved;
  },
});

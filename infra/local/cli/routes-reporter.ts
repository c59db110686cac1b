import { readContract } from '../../contract/contract-document.ts';
import type { LocalRuntime } from '../local-runtime.ts';
import type { Report } from '../reporter/reporter.ts';
import { commandsFor, servedRoutes } from '../reporter/startup-summary.ts';
import type { EditReport } from '../watch/edit-report.ts';

/** Returns a reporter of edits that also reports the routes that an edit adds or removes, with commands to try them. */
export function routesReporter(runtime: LocalRuntime, stage: string, report: Report): (event: EditReport) => void {
  let served = new Set(servedRoutes(runtime).map(({ route }) => route));
  return (event) => {
    report(event);
    if (event.event !== 'changed') return;
    const routes = servedRoutes(runtime);
    const keys = new Set(routes.map(({ route }) => route));
    const added = [...keys.difference(served)];
    const removed = [...served.difference(keys)];
    served = keys;
    if (added.length + removed.length === 0) return;
    commandsOf(added, runtime, stage).then((commands) =>
      report({ event: 'routes-changed', routes, added, removed, commands }),
    );
  };
}

async function commandsOf(routes: string[], runtime: LocalRuntime, stage: string): Promise<string[]> {
  // The contract may be edited again, and broken, by now: that is reported by itself.
  const { operations } = await readContract().catch(() => ({ operations: [] }));
  const added = operations.filter(({ method, routePath }) => routes.includes(`${method} ${routePath}`));
  return added.flatMap((operation) => commandsFor(operation, runtime, stage));
}

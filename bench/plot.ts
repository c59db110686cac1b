import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { GatewayResult } from './measure-gateways.ts';

const measures = [
  { measure: 'perSecond', title: 'requests per second' },
  { measure: 'p99Ms', title: 'p99, ms' },
  { measure: 'cpuMs', title: 'CPU per request, ms' },
] as const;

/** Returns an SVG of throughput, latency and CPU time by concurrency, for each gateway. */
export async function gatewayPlot(gateways: GatewayResult[]): Promise<string> {
  const values = gateways.flatMap(({ name, loads }) =>
    loads.map(({ connections, perSecond, p99Ms, cpuMs }) => ({
      name,
      connections,
      perSecond: perSecond.median,
      // The load generator measures whole milliseconds, and the axis is logarithmic.
      p99Ms: Math.max(p99Ms.median, 1),
      cpuMs: cpuMs.median,
    })),
  );
  const spec: TopLevelSpec = {
    background: 'white',
    data: { values },
    hconcat: measures.map(({ measure, title }) => ({
      width: 220,
      height: 200,
      mark: { type: 'line', point: { size: 50 }, strokeWidth: 2.5 },
      encoding: {
        x: {
          field: 'connections',
          type: 'quantitative',
          scale: { type: 'log' },
          axis: { values: [...new Set(values.map(({ connections }) => connections))] },
        },
        y: {
          field: measure,
          type: 'quantitative',
          scale: { type: 'log' },
          title,
          axis: { tickCount: 5, format: '~g' },
        },
        color: { field: 'name', type: 'nominal', sort: null, title: null, legend: { orient: 'top' } },
      },
    })),
  };
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

import type { FunctionResult } from './measure-functions.ts';
import type { GatewayResult } from './measure-gateways.ts';
import { bareMinimum, byHand, hono, ours, powertools } from './peers.ts';
import { ratioOf } from './quartiles.ts';

/** A limit for a figure, and its value. */
export interface Goal {
  goal: string;
  value: number;
  limit: number;
  met: boolean;
}

export function functionGoals(results: FunctionResult[]): Goal[] {
  const [us, hand, bare, honos, tools] = [ours, byHand, bareMinimum, hono, powertools].map((name) =>
    find(results, name),
  );
  if (!us || !hand || !bare || !honos || !tools) return [];
  const warm = (result: FunctionResult, kind: 'valid' | 'invalid', log: 'logging' | 'silent' = 'logging') =>
    result.warmUs[kind][log];
  return [
    atMost('bytes of the bundle', us.bytes, 10_000),
    atMost('cold start, relative to by hand, complete', ratioOf(us.coldMs, hand.coldMs), 1.5),
    atLeast('cold start, times faster than Hono', ratioOf(honos.coldMs, us.coldMs), 15),
    atLeast('cold start, times faster than Powertools', ratioOf(tools.coldMs, us.coldMs), 15),
    atMost('warm, valid, relative to by hand, complete', ratioOf(warm(us, 'valid'), warm(hand, 'valid')), 1.5),
    atMost(
      'warm, valid, without the log line',
      ratioOf(warm(us, 'valid', 'silent'), warm(hand, 'valid', 'silent')),
      1.5,
    ),
    atMost('warm, invalid, relative to by hand, complete', ratioOf(warm(us, 'invalid'), warm(hand, 'invalid')), 3),
    atMost(
      'warm, invalid, without the log line',
      ratioOf(warm(us, 'invalid', 'silent'), warm(hand, 'invalid', 'silent')),
      3,
    ),
    atLeast('warm, valid, times faster than Hono', ratioOf(warm(honos, 'valid'), warm(us, 'valid')), 15),
    atLeast(
      'warm, valid, without the log line, times faster than Hono',
      ratioOf(warm(honos, 'valid', 'silent'), warm(us, 'valid', 'silent')),
      15,
    ),
    atMost(
      'first response under the runtime client, relative to by hand, minimum',
      ratioOf(us.runtimeClient.firstResponseMs, bare.runtimeClient.firstResponseMs),
      1.15,
    ),
    atLeast(
      'invocations per second under the runtime client, relative to by hand, minimum, which does not log',
      ratioOf(us.runtimeClient.perSecond.logging, bare.runtimeClient.perSecond.logging),
      0.9,
    ),
    atLeast(
      'invocations per second without the log line, relative to by hand, minimum',
      ratioOf(us.runtimeClient.perSecond.silent, bare.runtimeClient.perSecond.silent),
      0.9,
    ),
    atLeast(
      'invocations per second, relative to by hand, complete, which logs too',
      ratioOf(us.runtimeClient.perSecond.logging, hand.runtimeClient.perSecond.logging),
      0.9,
    ),
    atMost(
      'heap after 10,000 invocations, relative to by hand, complete',
      us.heapBytes.after10k / hand.heapBytes.after10k,
      1.05,
    ),
    atMost(
      'heap after 1,000,000 invocations, relative to 10,000',
      (us.heapBytes.after1M ?? 0) / us.heapBytes.after10k,
      1.02,
    ),
  ];
}

export function gatewayGoals([us, them]: GatewayResult[]): Goal[] {
  if (!us || !them) return [];
  const goals = us.loads.flatMap((load, index) => {
    const theirs = them.loads[index];
    if (!theirs) return [];
    const at = `${load.connections} connection${load.connections === 1 ? '' : 's'}`;
    const alone = load.connections === 1;
    return [
      atLeast(
        `requests per second, relative to serverless-offline, ${at}`,
        ratioOf(load.perSecond, theirs.perSecond),
        alone ? 1 : 3,
      ),
      ...(alone ? [] : [atMost(`p99, relative to serverless-offline, ${at}`, ratioOf(load.p99Ms, theirs.p99Ms), 0.5)]),
      atMost(`errors, ${at}`, load.errors, 0),
    ];
  });
  return [
    ...goals,
    atMost(
      'start to first response, relative to serverless-offline',
      ratioOf(us.firstResponseMs, them.firstResponseMs),
      1,
    ),
  ];
}

function find(results: FunctionResult[], name: string): FunctionResult | undefined {
  return results.find((result) => result.name === name);
}

function atMost(goal: string, value: number, limit: number): Goal {
  return { goal: `${goal}: at most ${limit.toLocaleString('en')}`, value, limit, met: value <= limit };
}

function atLeast(goal: string, value: number, limit: number): Goal {
  return { goal: `${goal}: at least ${limit.toLocaleString('en')}`, value, limit, met: value >= limit };
}

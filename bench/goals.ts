import { bareMinimum, byHand, hono, ours, powertools } from './contenders.ts';
import type { FunctionResult } from './measure-functions.ts';
import type { GatewayResult } from './measure-gateways.ts';
import { ratioOf } from './quartiles.ts';

/** What is wanted of a figure, and what it is. */
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
    atMost('cold, beside the handler by hand', ratioOf(us.coldMs, hand.coldMs), 1.5),
    atLeast('cold, how much faster than Hono', ratioOf(honos.coldMs, us.coldMs), 15),
    atLeast('cold, how much faster than Powertools', ratioOf(tools.coldMs, us.coldMs), 15),
    atMost('warm and valid, beside the handler by hand', ratioOf(warm(us, 'valid'), warm(hand, 'valid')), 1.5),
    atMost('the same without the log line', ratioOf(warm(us, 'valid', 'silent'), warm(hand, 'valid', 'silent')), 1.5),
    atMost('warm and invalid, beside the handler by hand', ratioOf(warm(us, 'invalid'), warm(hand, 'invalid')), 3),
    atMost('the same without the log line', ratioOf(warm(us, 'invalid', 'silent'), warm(hand, 'invalid', 'silent')), 3),
    atLeast('warm and valid, how much faster than Hono', ratioOf(warm(honos, 'valid'), warm(us, 'valid')), 15),
    atLeast('the same without the log line', ratioOf(warm(honos, 'valid', 'silent'), warm(us, 'valid', 'silent')), 15),
    atMost(
      'first answer under the runtime client, beside the bare handler',
      ratioOf(us.runtimeClient.firstResponseMs, bare.runtimeClient.firstResponseMs),
      1.15,
    ),
    atLeast(
      'invocations a second under the runtime client, beside the bare handler, which writes no line',
      ratioOf(us.runtimeClient.perSecond.logging, bare.runtimeClient.perSecond.logging),
      0.9,
    ),
    atLeast(
      'the same without the log line',
      ratioOf(us.runtimeClient.perSecond.silent, bare.runtimeClient.perSecond.silent),
      0.9,
    ),
    atLeast(
      'the same with it, beside the handler by hand, which writes it too',
      ratioOf(us.runtimeClient.perSecond.logging, hand.runtimeClient.perSecond.logging),
      0.9,
    ),
    atMost(
      'heap after 10,000 invocations, beside the handler by hand',
      us.heapBytes.after10k / hand.heapBytes.after10k,
      1.05,
    ),
    atMost(
      'heap after the last invocation, beside that after 10,000',
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
        `requests a second beside serverless-offline, ${at}`,
        ratioOf(load.perSecond, theirs.perSecond),
        alone ? 1 : 3,
      ),
      ...(alone ? [] : [atMost(`p99 beside serverless-offline, ${at}`, ratioOf(load.p99Ms, theirs.p99Ms), 0.5)]),
      atMost(`errors, ${at}`, load.errors, 0),
    ];
  });
  return [
    ...goals,
    atMost('start to first answer beside serverless-offline', ratioOf(us.firstResponseMs, them.firstResponseMs), 1),
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

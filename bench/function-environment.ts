import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { FunctionModel, InvokeTarget } from '../infra/local/cloud-assembly/stack-model.ts';
import { ExecutionEnvironment } from '../infra/local/lambda/execution-environment.ts';
import type { InvocationResult } from '../infra/local/lambda/invocation.ts';

export interface FunctionOptions {
  directory: string;
  /** `file.export` */
  handler: string;
  /** Its variables. @default none */
  environment?: Record<string, string>;
  /** @default 'INFO' */
  logLevel?: FunctionModel['logLevel'];
}

/** Runs a function in its own execution environment, under AWS's runtime client, as `npm start` does. */
export class FunctionEnvironment implements AsyncDisposable {
  private readonly target: InvokeTarget;
  private readonly environment: ExecutionEnvironment;
  private readonly changes = new EventEmitter();
  private lines: string[] = [];

  constructor({ directory, handler, environment = {}, logLevel = 'INFO' }: FunctionOptions) {
    const fn: FunctionModel = {
      name: 'bench',
      entry: undefined,
      handler,
      directory,
      // One whole core on Lambda.
      memoryMb: 1769,
      timeoutMs: 900_000,
      environment,
      logFormat: 'JSON',
      logLevel,
      logGroup: '/bench',
    };
    this.target = {
      function: fn,
      qualifier: undefined,
      name: 'bench',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:bench',
      version: '$LATEST',
      asynchronous: { maxRetries: 0, maxAgeMs: 0 },
    };
    this.environment = new ExecutionEnvironment(fn, '$LATEST', {
      changed: () => this.changes.emit('changed'),
      translate: (line) => line,
      line: (line) => {
        // For the error if it does not start.
        if (this.lines.length < 20) this.lines.push(line);
      },
    });
  }

  /**
   * Invokes the function, after its current invocation.
   * @param wantsReport whether to measure Lambda's report, which takes time
   * @returns the result of the function, and Lambda's report
   * @throws {Error} if the function fails
   */
  async invoke(event: unknown, wantsReport = false): Promise<{ answer: unknown; report: InvocationResult['report'] }> {
    while (this.environment.state !== 'idle') {
      if (this.environment.state === 'ended') throw new Error(`The function does not start: ${this.lines.join('\n')}`);
      await once(this.changes, 'changed');
    }
    const { payload, failed, report } = await this.environment.invoke({
      target: this.target,
      requestId: randomUUID(),
      payload: JSON.stringify(event),
      wantsReport,
    });
    if (failed) throw new Error(payload.toString());
    return { answer: JSON.parse(payload.toString()), report };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.environment.stop();
  }
}

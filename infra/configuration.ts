import { z } from 'zod';
import { operations } from '../shared/contract.ts';
import { deployedFunctions } from './deployed-functions.ts';
import { type StageConfiguration, stageSchema } from './stage-schema.ts';
import { stages } from './stages.ts';

/** The values that the stack is made with. */
export type Configuration = StageConfiguration & { stage: string };

const stageName = z.string().regex(/^[a-z][a-z0-9-]{0,15}$/, 'write 1 to 16 of a-z, 0-9 and -, starting with a letter');

/** Keys that have a new name. */
const renamedKeys: Record<string, string> = { anyOriginIsMeant: 'allowAnyOrigin' };

/**
 * A configuration that cannot be used. Its message has a line for each wrong key and nothing else, so that the cause
 * is the first and the last line on the screen.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(problems: string[]) {
    super(problems.join('\n'));
  }
}

/**
 * Returns the configuration: the values of the stage that the context names, overridden by the context's other keys.
 * @param context the CDK context: `-c key=value`, cdk.json, and the CDK's own keys, which are ignored
 * @throws {ConfigurationError} naming every key that is unknown or missing, or has a value that cannot be used.
 */
export function configurationOf(context: Record<string, unknown>): Configuration {
  // The CDK's own keys have a namespace (@aws-cdk/…, aws:cdk:…), except its switch in cdk.json.
  const { stage: givenStage = 'dev', ...given } = Object.fromEntries(
    Object.entries(context).filter(([key]) => !/[:/]/.test(key) && key !== 'cli-telemetry'),
  );
  const stage = stageName.safeParse(givenStage);
  if (!stage.success) throw new ConfigurationError([`stage=${givenStage}: ${stage.error.issues[0]?.message}`]);

  const listed = Object.entries(stages).find(([name]) => name === stage.data)?.[1] ?? stages.dev;
  const values: Record<string, unknown> = { ...listed, ...given };
  const parsed = stageSchema.safeParse(values);
  if (!parsed.success) throw new ConfigurationError(parsed.error.issues.flatMap((issue) => problemsOf(issue, values)));

  const configuration = { stage: stage.data, ...parsed.data };
  const problems = [...contradictions(configuration), ...impossibleConcurrency(configuration)];
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}

/**
 * Checks what matters only where the stack is deployed: `npm start -- -c stage=prod` serves it anyway.
 * @throws {ConfigurationError} when prod still has the placeholder of infra/stages.ts as its address.
 */
export function assertDeployable({ stage, alarmEmail }: Configuration): void {
  if (stage !== 'prod' || !alarmEmail || !/[@.]example(\.(com|net|org))?$/i.test(alarmEmail)) return;
  throw new ConfigurationError([
    `alarmEmail=${alarmEmail}: is a placeholder; write the address that gets the alarms of prod in infra/stages.ts, or -c alarmEmail=you@your-company.com`,
  ]);
}

/** Returns a line on the concurrency that the stack takes from the account, where it reserves any. */
export function concurrencyReport(configuration: Configuration): string | undefined {
  const { reservedConcurrency, accountConcurrency, sources } = configuration;
  if (!reservedConcurrency) return undefined;
  const functionCount = deployedFunctions(operations, sources).length;
  const reserved = functionCount * reservedConcurrency;
  return `reserved concurrency: ${functionCount} functions x ${reservedConcurrency} = ${reserved} of the account's ${accountConcurrency} (aws lambda get-account-settings)`;
}

/** Returns the keys, their values in dev and what they mean, a line each. */
export function configurationHelp(): string {
  const values: Record<string, unknown> = { ...stages.dev };
  const keys = Object.entries(stageSchema.shape).map(
    ([key, { description }]) => `  ${`${key}=${values[key] ?? ''}`.padEnd(27)} ${description}`,
  );
  return [`  ${'stage=dev'.padEnd(27)} name of this copy of the API; part of the names of its resources`, ...keys].join(
    '\n',
  );
}

function problemsOf(issue: z.core.$ZodIssue, values: Record<string, unknown>): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const renamed = renamedKeys[key];
      return renamed ? `${key}: is called ${renamed} now` : `${key}: no such key; npm start -- --help lists the keys`;
    });
  }
  const key = String(issue.path[0]);
  const value = values[key];
  return [value === undefined ? `${key}: is missing in infra/stages.ts` : `${key}=${String(value)}: ${issue.message}`];
}

/** Returns what is wrong with values that are right each by itself. */
function contradictions(configuration: Configuration): string[] {
  const { stage, allowedOrigins, allowAnyOrigin, alarmEmail, domainName, certificateArn } = configuration;
  const { jwtIssuer, jwtAudience, sources, topicFilter } = configuration;
  const problems: string[] = [];
  if (stage === 'prod' && allowedOrigins.includes('*') && !allowAnyOrigin) {
    problems.push('allowedOrigins=*: in prod, name the origins, or set allowAnyOrigin=true');
  }
  if (stage === 'prod' && !alarmEmail) problems.push('alarmEmail: is missing; prod needs an address for its alarms');
  if (!domainName !== !certificateArn) problems.push('domainName and certificateArn: set both or neither');
  if (topicFilter && !sources.includes('topic')) problems.push('topicFilter: requires the source topic');
  if (!jwtIssuer !== !jwtAudience) problems.push('jwtIssuer and jwtAudience: set both or neither');
  return problems;
}

/**
 * Returns what is wrong with the throttle and the concurrency. Lambda accepts ten requests per second for each unit of
 * concurrency (docs: lambda-concurrency); API Gateway answers 503 to the rest. Lambda also keeps 100 units of the
 * account's quota unreserved (docs: configuration-concurrency).
 */
function impossibleConcurrency(configuration: Configuration): string[] {
  const { throttleRate, reservedConcurrency, accountConcurrency, sources } = configuration;
  const functionCount = deployedFunctions(operations, sources).length;
  const problems: string[] = [];
  const [key, concurrency] = reservedConcurrency
    ? ['reservedConcurrency', reservedConcurrency]
    : ['accountConcurrency', accountConcurrency];
  if (throttleRate > 10 * concurrency) {
    problems.push(
      `throttleRate=${throttleRate}: Lambda accepts 10 requests per second for each unit of ${key}=${concurrency}; write at most ${10 * concurrency}, or raise ${key}`,
    );
  }
  const mostEach = Math.floor((accountConcurrency - 100) / functionCount);
  if (reservedConcurrency && reservedConcurrency > mostEach) {
    const advice = mostEach > 0 ? `write at most ${mostEach}` : 'leave it out';
    problems.push(
      `reservedConcurrency=${reservedConcurrency}: ${functionCount} functions reserve ${functionCount * reservedConcurrency}, and Lambda keeps 100 of accountConcurrency=${accountConcurrency} free; ${advice}, or have the quota raised`,
    );
  }
  return problems;
}

import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';
import { stages } from './stages.ts';

/** An origin as a browser sends it: scheme, host and, where it is not the default, port. No path. */
const origin = z
  .string()
  .refine(
    (text) => text === '*' || URL.parse(text)?.origin === text,
    'write * or an origin such as https://app.example, without a path',
  );

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number(`write a whole number from ${min} to ${max}`)
    .refine(
      (value) => Number.isInteger(value) && value >= min && value <= max,
      `write a whole number from ${min} to ${max}`,
    );

const retentionDays = Object.values(RetentionDays).filter((value) => typeof value === 'number');

/** The keys that a stage has. `-c` gives text, stages.ts gives values. */
const shape = z.strictObject({
  memoryMb: wholeNumber(128, 10_240).describe('memory of each function; its share of the CPU follows'),
  timeoutSeconds: wholeNumber(1, 29).describe('how long a function may take'),
  throttleRate: wholeNumber(1, 10_000).describe('requests a second that the API lets through in the long run'),
  throttleBurst: wholeNumber(1, 5000).describe('requests that it lets through at once'),
  reservedConcurrency: wholeNumber(1, 900)
    .optional()
    .describe('invocations of a function at a time, and no more; if not set, as many as the account has left'),
  allowedOrigins: z
    .union([z.array(origin), z.string().transform((list) => list.split(',').map((item) => item.trim()))])
    .pipe(z.array(origin).min(1))
    .describe('origins whose pages may call the API, comma-separated, or *'),
  allowAnyOrigin: z
    .union([z.boolean(), z.stringbool('write true or false')])
    .optional()
    .describe('true says that allowedOrigins=* is no oversight; prod wants to be told'),
  logRetentionDays: z.coerce
    .number()
    .refine((days) => retentionDays.includes(days), `write one of ${retentionDays.join(', ')}`)
    .describe('how long logs are kept'),
  logLevel: z
    .enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])
    .describe("lowest level that the functions log; DEBUG logs people's messages"),
  alarmEmail: z.email('write an e-mail address').optional().describe('who is told of alarms; prod needs somebody'),
  removalPolicy: z
    .enum(['destroy', 'retain'])
    .describe('what becomes of logs and failed events when the stack is removed'),
  deployment: z
    .enum(['AllAtOnce', 'Canary10Percent5Minutes', 'Canary10Percent15Minutes', 'Linear10PercentEvery1Minute'])
    .describe('how a new version takes over'),
  domainName: z.hostname('write a domain name').optional().describe('own domain of the API; goes with certificateArn'),
  certificateArn: z
    .string()
    .startsWith('arn:', 'write the ARN of a certificate')
    .optional()
    .describe('its certificate, in ACM, in the region of the stack'),
  jwtIssuer: z
    .url('write the URL of the issuer')
    .optional()
    .describe('who issues the tokens that callers need; goes with jwtAudience'),
  jwtAudience: z.string().min(1).optional().describe('whom the tokens are for'),
});

/** What a stage is like, as stages.ts says it. */
export type StageConfiguration = z.infer<typeof shape>;
/** What the stack is made with. */
export type Configuration = StageConfiguration & { stage: string };

const stageName = z.string().regex(/^[a-z][a-z0-9-]{0,15}$/, 'write 1 to 16 of a-z, 0-9 and -, a letter first');

/** A value of the configuration that cannot be used. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads the configuration: that of the stage which the CDK context names, with what else it sets.
 * @throws {ConfigurationError} naming every key that is unknown, missing or has a value that cannot be used.
 */
export function configurationOf(node: Node): Configuration {
  const all: Record<string, unknown> = node.getAllContext();
  // The CDK's own keys have a namespace (@aws-cdk/…, aws:cdk:…), but for its switch in cdk.json.
  const { stage: givenStage = 'dev', ...given } = Object.fromEntries(
    Object.entries(all).filter(([key]) => !/[:/]/.test(key) && key !== 'cli-telemetry'),
  );
  const stage = stageName.safeParse(givenStage);
  if (!stage.success) throw refusal([`stage=${givenStage}: ${stage.error.issues[0]?.message}`]);

  const listed = Object.entries(stages).find(([name]) => name === stage.data)?.[1] ?? stages.dev;
  const values: Record<string, unknown> = { ...listed, ...given };
  const parsed = shape.safeParse(values);
  if (!parsed.success) {
    throw refusal(
      parsed.error.issues.flatMap(({ path: [key = ''], message, ...issue }) => {
        if (issue.code === 'unrecognized_keys') return issue.keys.map((unknown) => `${unknown}: no such key`);
        const value = values[String(key)];
        return value === undefined ? `${String(key)}: is missing` : `${String(key)}=${String(value)}: ${message}`;
      }),
    );
  }
  const faults = contradictions(stage.data, parsed.data);
  if (faults.length > 0) throw refusal(faults);
  return { stage: stage.data, ...parsed.data };
}

/** What is wrong with values that are right each by itself. */
function contradictions(stage: string, configuration: StageConfiguration): string[] {
  const { allowedOrigins, allowAnyOrigin, alarmEmail, domainName, certificateArn, jwtIssuer, jwtAudience } =
    configuration;
  const faults: string[] = [];
  if (stage === 'prod' && allowedOrigins.includes('*') && !allowAnyOrigin) {
    faults.push('allowedOrigins=*: in prod, name the origins, or set anyOriginIsMeant=true');
  }
  if (stage === 'prod' && !alarmEmail) faults.push('alarmEmail: is missing; in prod somebody is to be told of alarms');
  if (!domainName !== !certificateArn) faults.push('domainName and certificateArn: set both or neither');
  if (!jwtIssuer !== !jwtAudience) faults.push('jwtIssuer and jwtAudience: set both or neither');
  return faults;
}

function refusal(faults: string[]): ConfigurationError {
  return new ConfigurationError(
    `The configuration cannot be used (infra/stages.ts, -c key=value):\n  ${faults.join('\n  ')}\nThe keys are:\n${configurationHelp()}`,
  );
}

/** The keys, their values in dev and what they mean, a line each. */
export function configurationHelp(): string {
  const values: Record<string, unknown> = { ...stages.dev };
  const keys = Object.entries(shape.shape).map(
    ([key, { description }]) => `  ${`${key}=${values[key] ?? ''}`.padEnd(24)} ${description}`,
  );
  return [
    `  ${'stage=dev'.padEnd(24)} name of this copy of the API; it stands in the names of its resources`,
    ...keys,
  ].join('\n');
}

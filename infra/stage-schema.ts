import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';

/** A number, or its digits as `-c` gives them. */
const wholeNumber = (min: number, max: number) => {
  const message = `write a whole number from ${min} to ${max}`;
  return z.coerce.number(message).refine((value) => Number.isInteger(value) && value >= min && value <= max, message);
};

const oneOf = <const Values extends readonly string[]>(...values: Values) =>
  z.enum(values, `write one of ${values.join(', ')}`);

const trueOrFalse = z.union([z.boolean(), z.stringbool()], 'write true or false');

/** A list, or its items separated by commas as `-c` gives them. */
const listOf = <Item extends z.ZodType<string, string>>(item: Item) =>
  z
    .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((part) => part.trim()))])
    .pipe(z.array(item).min(1));

/** The event sources that a stage may have. */
const sourceNames = ['queue', 'topic', 'bus', 'schedule'] as const;

/** Some sources, or none. All others send to the queue, so it is one of them if there is any. */
const sources = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((part) => part.trim()))])
  .transform((names) => names.filter((name) => name !== ''))
  .pipe(z.array(z.enum(sourceNames, `write ${sourceNames.join(', ')}, separated by commas, or nothing`)))
  .transform((named) => sourceNames.filter((name) => named.includes(name) || (name === 'queue' && named.length > 0)));

/** A filter policy of SNS as JSON: names of message attributes, each with the values that it may have. */
const filterPolicy = z.string().refine((text) => {
  try {
    return z.record(z.string(), z.array(z.unknown()).min(1)).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}, 'write a filter policy as JSON, such as {"kind":["reaction"]}');

/** An origin as a browser sends it: scheme, host and, unless it is the default, port. No path. */
const origin = z
  .string()
  .refine(
    (text) => text === '*' || URL.parse(text)?.origin === text,
    'write * or an origin such as https://app.example, without a path',
  );

/** A header name: a token of RFC 9110, 5.6.2. API Gateway compares names without regard to case. */
const headerName = z
  .string()
  .regex(/^[\w!#$%&'+.^`|~-]+$/, 'write header names such as traceparent, separated by commas')
  .toLowerCase();

/** The periods that CloudWatch Logs takes. Only the type is imported: loading the CDK slows `npm start -- --help`. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 9999,
] as const satisfies readonly RetentionDays[];

/** The keys of a stage. `-c` gives text, infra/stages.ts gives values. */
export const stageSchema = z.strictObject({
  memoryMb: wholeNumber(128, 10_240).describe('memory of each function; more memory also means more CPU'),
  timeoutSeconds: wholeNumber(1, 29).describe('how long an invocation may take'),
  throttleRate: wholeNumber(1, 10_000).describe('requests per second that the API accepts in the long run'),
  throttleBurst: wholeNumber(1, 5000).describe('requests that the API accepts at once'),
  reservedConcurrency: wholeNumber(1, 900)
    .optional()
    .describe('most concurrent invocations of each function; if not set, they share what the account has left'),
  accountConcurrency: wholeNumber(10, 1_000_000).describe(
    'quota of concurrent invocations of your account: aws lambda get-account-settings',
  ),
  allowedOrigins: listOf(origin).describe('origins whose pages may call the API, separated by commas, or *'),
  allowAnyOrigin: trueOrFalse.optional().describe('true confirms allowedOrigins=*; required in prod'),
  allowedHeaders: listOf(headerName).describe(
    'request headers that pages may send, separated by commas; jwtIssuer adds authorization',
  ),
  logRetentionDays: z.coerce
    .number()
    .refine((days) => retentionDays.some((period) => period === days), `write one of ${retentionDays.join(', ')}`)
    .describe('how long logs are kept; 9999 keeps them for ever'),
  logLevel: oneOf('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR').describe(
    "lowest level that the functions log; DEBUG logs people's messages",
  ),
  alarmEmail: z.email('write an e-mail address').optional().describe('address that gets the alarms; required in prod'),
  removalPolicy: oneOf('destroy', 'retain').describe(
    'what happens to logs and failed events when the stack is removed',
  ),
  deployment: oneOf(
    'AllAtOnce',
    'Canary10Percent10Minutes',
    'Canary10Percent15Minutes',
    'Canary10Percent30Minutes',
    'Linear10PercentEvery1Minute',
    'Linear10PercentEvery2Minutes',
    'Linear10PercentEvery3Minutes',
  ).describe('how a new version takes over the traffic'),
  ignoreAlarms: trueOrFalse
    .optional()
    .describe('true for one deployment: no alarm stops it or rolls it back; only with -c'),
  domainName: z.hostname('write a domain name').optional().describe('domain of the API; requires certificateArn'),
  certificateArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/.+$/,
      'write the ARN of a certificate in ACM, such as arn:aws:acm:eu-central-1:123456789012:certificate/…',
    )
    .optional()
    .describe('its certificate in ACM, in the region of the stack'),
  sources: sources.describe(
    'event sources, separated by commas: queue, topic, bus, schedule; the last three add queue',
  ),
  topicFilter: filterPolicy
    .optional()
    .describe('filter policy of the topic, as JSON; if not set, every message goes to the queue'),
  jwtIssuer: z
    .url({ protocol: /^https$/, error: 'write the https URL of the issuer, such as https://issuer.example' })
    .optional()
    .describe('issuer of the tokens that callers need; requires jwtAudience'),
  jwtAudience: z.string().min(1, 'write the audience').optional().describe('audience of these tokens'),
});

/** The values of a stage. */
export type StageConfiguration = z.infer<typeof stageSchema>;

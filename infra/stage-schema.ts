import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';

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
export const stageSchema = z.strictObject({
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
export type StageConfiguration = z.infer<typeof stageSchema>;

import { z } from 'zod';

const events = { maxEventAgeMs: z.number().optional(), retryAttempts: z.number().optional() };

/** A queue with what sends to it. Defaults are those of SQS and Lambda. */
const queueShape = z.strictObject({
  /** Its name ends with `.fifo` then. */
  isFifo: z.boolean().optional(),
  visibilitySeconds: z.number().optional(),
  /** How often a message is received before it goes to the dead-letter queue. @default 3 */
  maxReceives: z.number().optional(),
  batchSize: z.number().optional(),
  windowSeconds: z.number().optional(),
  maxConcurrency: z.number().optional(),
  reportsItemFailures: z.boolean().optional(),
  /** A topic `<name>-topic` whose messages it gets raw. */
  topic: z.strictObject({ filterPolicy: z.record(z.string(), z.array(z.string())).optional() }).optional(),
  /** Its event bus `<name>-bus` sends it the details of events with this type. */
  detailType: z.string().optional(),
  /** The expression of a schedule `<name>-schedule` that sends it `{"scheduled":true}`. */
  schedule: z.string().optional(),
});

const functionShape = z.strictObject({
  /** The module is `<name>.mjs` in the folder of the sources. */
  handler: z.string(),
  /** A method and a path, such as `GET /name`, or `$default`. */
  route: z.string(),
  integrationTimeoutMs: z.number().optional(),
  options: z.strictObject({
    timeoutMs: z.number().optional(),
    memorySize: z.number().optional(),
    environment: z.record(z.string(), z.string()).optional(),
    loggingFormat: z.string().optional(),
    applicationLogLevelV2: z.string().optional(),
    reservedConcurrentExecutions: z.number().optional(),
    ...events,
  }),
  hasQueues: z.boolean(),
  live: z.strictObject({ hasQueues: z.boolean().optional(), ...events }).optional(),
  queue: queueShape.optional(),
  scopes: z.array(z.string()),
});

const apiShape = z.strictObject({
  jwt: z.object({ issuer: z.string(), audience: z.array(z.string()) }).optional(),
  cors: z
    .strictObject({
      allowOrigins: z.array(z.string()).optional(),
      allowMethods: z.array(z.string()).optional(),
      allowHeaders: z.array(z.string()).optional(),
      exposeHeaders: z.array(z.string()).optional(),
      allowCredentials: z.boolean().optional(),
      maxAgeMs: z.number().optional(),
    })
    .optional(),
  throttle: z.object({ rateLimit: z.number(), burstLimit: z.number() }).optional(),
});

export type FunctionDescription = z.infer<typeof functionShape>;
export type QueueDescription = z.infer<typeof queueShape>;
export type ApiDescription = z.infer<typeof apiShape>;

/** The value of a key. JSON has no undefined, which says that a key is not set: it travels as null. */
const contextValue = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

/** A stack to synthesise. `directory` is the folder of its cloud assembly. */
export const synthesisRequestShape = z.discriminatedUnion('stack', [
  z.object({ stack: z.literal('feeling'), directory: z.string(), context: z.record(z.string(), contextValue) }),
  z.object({
    stack: z.literal('test'),
    directory: z.string(),
    /** The folder of the sources. */
    source: z.string(),
    functions: z.record(z.string(), functionShape),
    api: apiShape,
  }),
]);

export type SynthesisRequest = z.infer<typeof synthesisRequestShape>;

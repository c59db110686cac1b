/**
 * The configuration of the stack that tests serve and read, as `-c` gives it: whatever infra/stages.ts says, tests meet
 * the same stack. An edit of that file is no reason for a test to fail.
 */
export const testConfiguration: Readonly<Record<string, string | undefined>> = {
  memoryMb: '512',
  timeoutSeconds: '5',
  throttleRate: '5000',
  throttleBurst: '2500',
  accountConcurrency: '1000',
  allowedOrigins: '*',
  allowedHeaders: 'content-type',
  logRetentionDays: '30',
  logLevel: 'INFO',
  removalPolicy: 'destroy',
  deployment: 'AllAtOnce',
  // Not set, even if infra/stages.ts sets them for dev.
  reservedConcurrency: undefined,
  allowAnyOrigin: undefined,
  alarmEmail: undefined,
  domainName: undefined,
  certificateArn: undefined,
  jwtIssuer: undefined,
  jwtAudience: undefined,
};

/**
 * The values of each stage. This is the file to edit. `npm start -- --help` lists the keys, and infra/stage-schema.ts
 * says which values each takes. A stage that is not listed, such as `-c stage=anna`, has the values of `dev`.
 * `-c key=value` sets a key for one command.
 */
import type { StageConfiguration } from './stage-schema.ts';

export const stages: Record<'dev' | 'prod', Omit<StageConfiguration, 'ignoreAlarms'>> = {
  dev: {
    memoryMb: 512,
    timeoutSeconds: 5,
    throttleRate: 5000,
    throttleBurst: 2500,
    accountConcurrency: 1000,
    allowedOrigins: ['*'],
    allowedHeaders: ['content-type'],
    logRetentionDays: 30,
    logLevel: 'INFO',
    removalPolicy: 'destroy',
    deployment: 'AllAtOnce',
    sources: ['queue', 'topic', 'bus', 'schedule'],
  },
  prod: {
    memoryMb: 512,
    timeoutSeconds: 5,
    // Ten times reservedConcurrency: more requests would get 503 from Lambda, not 429 from the throttle.
    throttleRate: 1000,
    throttleBurst: 500,
    reservedConcurrency: 100,
    accountConcurrency: 1000,
    // Any page may call the API, on purpose.
    allowedOrigins: ['*'],
    allowAnyOrigin: true,
    allowedHeaders: ['content-type'],
    logRetentionDays: 365,
    logLevel: 'INFO',
    // Replace it with your address: the placeholder cannot be deployed.
    alarmEmail: 'feeling-alarms@example.com',
    removalPolicy: 'retain',
    // Long enough for an alarm to fire while a tenth of the traffic meets the new version.
    deployment: 'Canary10Percent15Minutes',
    sources: [],
  },
};

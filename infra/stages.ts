/**
 * What each stage is like. This is the file to edit; infra/configuration.ts says what each key means
 * and which values it takes. A stage that is not listed, such as `-c stage=anna`, is like `dev`. Any
 * key can be set for one command with `-c key=value`.
 */
import type { StageConfiguration } from './stage-schema.ts';

export const stages: Record<'dev' | 'prod', StageConfiguration> = {
  dev: {
    memoryMb: 512,
    timeoutSeconds: 5,
    throttleRate: 5000,
    throttleBurst: 2500,
    allowedOrigins: ['*'],
    logRetentionDays: 30,
    logLevel: 'INFO',
    removalPolicy: 'destroy',
    deployment: 'AllAtOnce',
  },
  prod: {
    memoryMb: 512,
    timeoutSeconds: 5,
    throttleRate: 5000,
    throttleBurst: 2500,
    // Enough for the throttle's rate at 20 ms a request; what it leaves is for everything else in the account.
    reservedConcurrency: 100,
    // Public by purpose: any page may call the API.
    allowedOrigins: ['*'],
    allowAnyOrigin: true,
    logRetentionDays: 365,
    logLevel: 'INFO',
    // Yours.
    alarmEmail: 'feeling-alarms@example.com',
    removalPolicy: 'retain',
    deployment: 'Canary10Percent5Minutes',
  },
};

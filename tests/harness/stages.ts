/**
 * The stages that tests serve and read, whatever infra/stages.ts says: an edit of that file is no reason for a test to
 * fail.
 */
import type { StageConfiguration } from '../../infra/stage-schema.ts';

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
    sources: [],
  },
  prod: {
    memoryMb: 512,
    timeoutSeconds: 5,
    throttleRate: 1000,
    throttleBurst: 500,
    reservedConcurrency: 100,
    accountConcurrency: 1000,
    allowedOrigins: ['*'],
    allowAnyOrigin: true,
    allowedHeaders: ['content-type'],
    logRetentionDays: 365,
    logLevel: 'INFO',
    alarmEmail: 'feeling-alarms@example.com',
    removalPolicy: 'retain',
    deployment: 'Canary10Percent15Minutes',
    sources: [],
  },
};

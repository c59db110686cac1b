import { region } from '../aws/arn.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';

/** What differs between the execution environments of a function. */
export interface EnvironmentFacts {
  version: string;
  /** `host:port` of its Runtime API. */
  runtimeApi: string;
  logStream: string;
}

/**
 * Returns the environment of a function's process: the template's variables and Lambda's (docs: configuration-envvars).
 * It contains nothing of the environment of this process.
 */
export function environmentVariables(fn: FunctionModel, environment: EnvironmentFacts): NodeJS.ProcessEnv {
  const { version, runtimeApi, logStream } = environment;
  return {
    // A template may override these, but not the ones below it.
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    TZ: ':UTC',
    ...fn.environment,
    ...(fn.logFormat === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: fn.logLevel }),
    AWS_LAMBDA_LOG_FORMAT: fn.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Lambda sets the credentials of the function's role. There is no role here, and these are not valid.
    AWS_ACCESS_KEY_ID: 'LOCAL',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    _HANDLER: fn.handler,
    LAMBDA_TASK_ROOT: fn.directory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    // Windows opens no socket without it.
    ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] }),
  };
}

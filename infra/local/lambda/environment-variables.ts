import { region } from '../aws/account.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';

/** What one execution environment has of its own. */
export interface EnvironmentFacts {
  /** Of the function. */
  version: string;
  /** `host:port` of the Runtime API that it is to ask for invocations. */
  runtimeApi: string;
  logStream: string;
}

/**
 * The environment of a function's process: what the template sets and what Lambda adds
 * (docs: configuration-envvars). Nothing of this process's own environment is in it.
 */
export function environmentVariables(fn: FunctionModel, environment: EnvironmentFacts): NodeJS.ProcessEnv {
  const { version, runtimeApi, logStream } = environment;
  return {
    // These a template may change; those below it may not.
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
    // Lambda gives the credentials of the function's role. There is no role here: these open nothing.
    AWS_ACCESS_KEY_ID: 'LOCAL',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    _HANDLER: fn.handler,
    LAMBDA_TASK_ROOT: fn.directory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    // Without it Windows opens no socket.
    ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] }),
  };
}

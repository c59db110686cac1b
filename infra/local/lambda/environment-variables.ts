import { randomBytes } from 'node:crypto';
import { delimiter, dirname } from 'node:path';
import { region } from '../aws/arn.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';

/** What differs between the execution environments of a function. */
export interface EnvironmentFacts {
  version: string;
  /** `host:port` of its Runtime API. */
  runtimeApi: string;
  /** The folder for its temporary files. */
  temporaryFolder: string;
  /** The variables that lead clients of AWS to this machine, such as `AWS_ENDPOINT_URL`. */
  endpoints: Record<string, string>;
}

/** Where the Node.js of Lambda's runtime is, and the one that runs here. */
const runtimeNode = { onLambda: '/var/lang/bin', here: dirname(process.execPath) };

/**
 * Returns the environment of a function's process: the template's variables and Lambda's (docs: configuration-envvars,
 * PLATFORM_FACTS 8.4). It contains nothing of the environment of this process.
 */
export function environmentVariables(fn: FunctionModel, facts: EnvironmentFacts): NodeJS.ProcessEnv {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const changeable = {
    LANG: 'en_US.UTF-8',
    LD_LIBRARY_PATH: '/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
    NODE_PATH:
      '/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    TZ: ':UTC',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '169.254.100.1:2000',
    // Not on Lambda, where /tmp belongs to one environment. Here it is shared with everything else on this machine.
    TMPDIR: facts.temporaryFolder,
    // Not on Lambda. A function that invokes another one reaches the one that is served here.
    ...facts.endpoints,
    ...fn.environment,
  };
  const local = (paths: string) => localPaths(fn, paths);
  return {
    ...changeable,
    LD_LIBRARY_PATH: local(changeable.LD_LIBRARY_PATH),
    NODE_PATH: local(changeable.NODE_PATH),
    PATH: local(changeable.PATH),
    ...(fn.logFormat === 'JSON' && { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: fn.logLevel }),
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${facts.version}]${randomBytes(16).toString('hex')}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: facts.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_RUNTIME_API: facts.runtimeApi,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Lambda sets the credentials of the function's role. There is no role here, and these are not valid.
    AWS_ACCESS_KEY_ID: 'LOCAL',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    _AWS_XRAY_DAEMON_ADDRESS: '169.254.100.1',
    _AWS_XRAY_DAEMON_PORT: '2000',
    _HANDLER: fn.handler,
    LAMBDA_TASK_ROOT: fn.directory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    PWD: fn.directory,
    SHLVL: '0',
    // Windows opens no socket without it.
    ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] }),
  };
}

/** Returns a list of Lambda's paths with those that have another place on this machine: the code and Node.js. */
export function localPaths(fn: FunctionModel, paths: string): string {
  const local = paths.split(':').map((path) => {
    if (path === runtimeNode.onLambda) return runtimeNode.here;
    return path === '/var/task' || path.startsWith('/var/task/') ? fn.directory + path.slice('/var/task'.length) : path;
  });
  return local.join(delimiter);
}

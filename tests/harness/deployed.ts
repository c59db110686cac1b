/**
 * What `npm run test:deployed` tests: the stage whose outputs are in the file FEELING_OUTPUTS, with the template that
 * was deployed in cdk.out; or an address in FEELING_API_URL and a function in FEELING_DIRECT_FUNCTION, about which nothing
 * else is known. Without these variables all is undefined, and the tests serve the stack on this machine.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';

const variable = (name: string) => process.env[name] || undefined;

const outputsShape = z.record(z.string(), z.looseObject({ ApiUrl: z.url(), feelingdirectname: z.string() }));
const templateShape = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.unknown() })),
});

/** The values of a stage that a client can tell. */
export interface DeployedStage {
  allowedOrigins: string[];
  allowedHeaders: string[];
  /** Requests per second. */
  throttleRate: number;
  requiresToken: boolean;
  logLevel: string;
}

const outputsFile = variable('FEELING_OUTPUTS');
const outputs = outputsFile && Object.values(outputsShape.parse(JSON.parse(readFileSync(outputsFile, 'utf8'))))[0];

/** The address of the deployed API, without a slash at the end. */
export const deployedUrl = (variable('FEELING_API_URL') ?? (outputs ? outputs.ApiUrl : undefined))?.replace(/\/$/, '');
/** The name of the deployed function for direct invocations. */
export const deployedFunction =
  variable('FEELING_DIRECT_FUNCTION') ?? (outputs ? `${outputs.feelingdirectname}:live` : undefined);
export const deployedStage = outputs ? readStage() : undefined;

const token = variable('FEELING_TOKEN');
/** The header with the token, if there is one. */
export const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};

/** Skips what needs an API that it may change or break. */
export const localOnly = deployedUrl
  ? { skip: 'this test changes or breaks the stack, which it must not do to a deployed one' }
  : {};
/** Skips what needs an answer of the function behind the API. */
export const needsToken =
  deployedStage?.requiresToken && !token ? { skip: 'the stage requires a token, and FEELING_TOKEN is not set' } : {};
/** Skips what needs the values of the stage. */
export const needsStage =
  deployedUrl && !deployedStage ? { skip: 'FEELING_OUTPUTS is not set, so the values of the stage are not known' } : {};

/**
 * Sends a request again while the throttle of the deployed stage refuses it.
 * @param send sends the request
 */
export async function withinThrottle<Response extends { status: number }>(
  send: () => Promise<Response>,
): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const response = await send();
    if (!deployedUrl || response.status !== 429 || attempt === 60) return response;
    // A deployed throttle says by nothing else than time when it accepts the next request.
    await setTimeout(1000 / (deployedStage?.throttleRate ?? 1));
  }
}

function readStage(): DeployedStage {
  const file = join(variable('FEELING_ASSEMBLY') ?? join(projectRoot, 'cdk.out'), 'Feeling.template.json');
  const { Resources } = templateShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  const propertiesOf = (type: string) => Object.values(Resources).find(({ Type }) => Type === type)?.Properties;
  const { CorsConfiguration: cors } = z
    .object({ CorsConfiguration: z.object({ AllowOrigins: z.array(z.string()), AllowHeaders: z.array(z.string()) }) })
    .parse(propertiesOf('AWS::ApiGatewayV2::Api'));
  const { DefaultRouteSettings } = z
    .object({ DefaultRouteSettings: z.object({ ThrottlingRateLimit: z.number() }) })
    .parse(propertiesOf('AWS::ApiGatewayV2::Stage'));
  const { LoggingConfig } = z
    .object({ LoggingConfig: z.object({ ApplicationLogLevel: z.string() }) })
    .parse(propertiesOf('AWS::Lambda::Function'));
  return {
    allowedOrigins: cors.AllowOrigins,
    allowedHeaders: cors.AllowHeaders,
    throttleRate: DefaultRouteSettings.ThrottlingRateLimit,
    requiresToken: propertiesOf('AWS::ApiGatewayV2::Authorizer') !== undefined,
    logLevel: LoggingConfig.ApplicationLogLevel,
  };
}

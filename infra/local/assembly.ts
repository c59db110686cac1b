/**
 * The cloud assembly that `cdk synth` writes, read as a plain description of what a request meets:
 * routes, CORS, throttling, functions. Whatever stands in the template is either served, or passed
 * over because no request can tell the difference, or refused.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Intrinsics, type Resource } from './intrinsics.ts';
import * as served from './served-resources.ts';
import type { Assembly, ServedFunction, ServedRoute, Throttle } from './served-stack.ts';
import { Unservable } from './unservable.ts';

/** What holds where the stage sets nothing: the quota of an account (docs: http-api-quotas). */
const accountThrottle: Throttle = { rate: 10_000, burst: 5_000 };

const manifestShape = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), properties: z.object({ templateFile: z.string().optional() }).optional() }),
  ),
});
const assetsShape = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string(), packaging: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});
const templateShape = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      Condition: z.string().optional(),
    }),
  ),
});

/**
 * Reads the cloud assembly in a folder.
 * @param directory what `cdk synth` wrote, such as `cdk.out`
 * @throws {Unservable} for the first part of the template that cannot be served faithfully.
 */
export async function readAssembly(directory: string): Promise<Assembly> {
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(directory, file), 'utf8'));

  const { artifacts } = manifestShape.parse(await read('manifest.json'));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stackName, stack] = only(stacks, directory, 'stack');
  const templateFile = stack.properties?.templateFile ?? `${stackName}.template.json`;
  const { Resources } = templateShape.parse(await read(templateFile));
  const { files } = assetsShape.parse(await read(`${stackName}.assets.json`));

  const assets = new Map<string, string>();
  for (const { source, destinations } of Object.values(files)) {
    if (source.packaging !== 'zip') continue;
    for (const { objectKey } of Object.values(destinations)) assets.set(objectKey, join(directory, source.path));
  }
  return describe(stackName, new Map(Object.entries(Resources)), assets);
}

/** @param assets the folder of each asset that is one, by its object key */
function describe(
  stackName: string,
  resources: ReadonlyMap<string, Resource & { Condition?: string | undefined }>,
  assets: ReadonlyMap<string, string>,
): Assembly {
  for (const [id, { Type, Condition }] of resources) {
    if (!served.servedTypes.has(Type) && !served.passedOverTypes.has(Type)) {
      throw new Unservable(id, `${Type} is not served on this machine. Leave it out of the stack that you start.`);
    }
    if (Condition) throw new Unservable(id, 'has a Condition, which has no value on this machine. Leave it out.');
  }

  const intrinsics = new Intrinsics(resources);
  function all<Shape extends z.ZodType>({ type, shape, ignored }: served.ServedResource<Shape>) {
    const found: [string, z.output<Shape>][] = [];
    for (const [id, { Type, Properties }] of resources) {
      if (Type !== type) continue;
      const told = Object.fromEntries(Object.entries(Properties).filter(([name]) => !ignored.includes(name)));
      const parsed = shape.safeParse(intrinsics.resolve(told, id));
      if (!parsed.success) {
        throw new Unservable(id, `this ${type} cannot be served on this machine:\n${z.prettifyError(parsed.error)}`);
      }
      found.push([id, parsed.data]);
    }
    return found;
  }

  const queues = all(served.queue).map(([id, { QueueName = id }]) => ({
    name: QueueName,
    arn: intrinsics.attribute(id, 'Arn', id),
  }));
  const invokeConfigs = all(served.eventInvokeConfig).map(([id, config]) => {
    const queue = (destination?: { Destination: string }) => {
      const target = queues.find(({ arn }) => arn === destination?.Destination);
      if (destination && !target) throw new Unservable(id, 'has a destination that is not a queue of this stack.');
      return target?.name;
    };
    const { OnFailure, OnSuccess } = config.DestinationConfig;
    return { ...config, onFailure: queue(OnFailure), onSuccess: queue(OnSuccess) };
  });

  const functions = all(served.lambdaFunction).map(([logicalId, properties]): ServedFunction => {
    const directory = assets.get(properties.Code.S3Key);
    if (!directory)
      throw new Unservable(
        logicalId,
        `its code, ${properties.Code.S3Key}, is not a folder in the assembly. Deploy it as one.`,
      );
    const name = properties.FunctionName ?? logicalId;
    const arn = intrinsics.attribute(logicalId, 'Arn', logicalId);
    const invokeConfig = invokeConfigs.find(({ FunctionName }) => [name, arn].includes(FunctionName));
    return {
      logicalId,
      name,
      arn,
      handler: properties.Handler,
      directory,
      memoryMb: properties.MemorySize,
      timeoutMs: properties.Timeout * 1000,
      environment: properties.Environment?.Variables ?? {},
      logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
      logLevel: properties.LoggingConfig?.ApplicationLogLevel ?? 'INFO',
      logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      reservedConcurrency: properties.ReservedConcurrentExecutions,
      asynchronous: {
        maxRetries: invokeConfig?.MaximumRetryAttempts ?? 2,
        maxAgeMs: (invokeConfig?.MaximumEventAgeInSeconds ?? 21_600) * 1000,
        onFailure: invokeConfig?.onFailure,
        onSuccess: invokeConfig?.onSuccess,
      },
    };
  });

  const [apiLogicalId, { CorsConfiguration: cors }] = only(all(served.api), stackName, served.api.type);
  const [, stage] = only(all(served.stage), apiLogicalId, served.stage.type);
  const integrations = new Map(all(served.integration));
  const permissions = all(served.permission).map(([, permission]) => permission);
  const apiId = intrinsics.ref(apiLogicalId, apiLogicalId);

  const routes = new Map<string, ServedRoute>();
  for (const [id, { RouteKey, Target }] of all(served.route)) {
    const integration = integrations.get(Target.replace('integrations/', ''));
    const target = functions.find(({ arn }) => arn === integration?.IntegrationUri);
    if (!integration || !target)
      throw new Unservable(id, `${RouteKey} leads to no function of this stack. Give it an integration with one.`);

    const allowed = permissions.some(
      ({ FunctionName, Principal, SourceArn }) =>
        [target.arn, target.name].includes(FunctionName) &&
        Principal === 'apigateway.amazonaws.com' &&
        (SourceArn === undefined || covers(SourceArn, `${apiId}/$default/${RouteKey.replace(' ', '')}`)),
    );
    if (!allowed) {
      throw new Unservable(
        id,
        `${RouteKey} would always answer 500: nothing permits it to invoke ${target.name}. Add an AWS::Lambda::Permission.`,
      );
    }

    const settings = { ...stage.DefaultRouteSettings, ...stage.RouteSettings[RouteKey] };
    routes.set(RouteKey, {
      key: RouteKey,
      function: target,
      timeoutMs: integration.TimeoutInMillis,
      throttle: {
        rate: settings.ThrottlingRateLimit ?? accountThrottle.rate,
        burst: settings.ThrottlingBurstLimit ?? accountThrottle.burst,
      },
    });
  }

  return {
    stackName,
    functions,
    passedOver: [...new Set(resources.values().map(({ Type }) => Type))].filter((type) =>
      served.passedOverTypes.has(type),
    ),
    api: {
      id: apiId,
      stage: stage.StageName,
      routes,
      cors: cors && {
        allowOrigins: cors.AllowOrigins,
        allowMethods: cors.AllowMethods,
        allowHeaders: cors.AllowHeaders,
        exposeHeaders: cors.ExposeHeaders,
        allowCredentials: cors.AllowCredentials,
        maxAge: cors.MaxAge,
      },
    },
  };
}

function only<T>(items: T[], owner: string, what: string): T {
  const [item] = items;
  if (item === undefined || items.length > 1) {
    throw new Unservable(owner, `has ${items.length} of ${what}; this runtime serves exactly one.`);
  }
  return item;
}

/**
 * Whether the source ARN of a permission covers a route.
 * @param route `{api}/{stage}/{method}/{path}`
 */
function covers(sourceArn: string, route: string): boolean {
  const pattern = sourceArn.split(':').slice(5).join(':').split('/');
  const parts = route.split('/');
  if (pattern.length < parts.length && pattern.at(-1) !== '*') return false;
  return pattern.every((part, index) => part === '*' || part === parts[index]);
}

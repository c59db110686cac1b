import { firstVersion, functionArn, latest, parseFunctionReference } from '../aws/arn.ts';
import { queuesOf } from './read-sources.ts';
import { resourceSchemas } from './resource-schemas.ts';
import type { AsynchronousConfiguration, FunctionModel, InvokeTarget } from './stack-model.ts';
import type { Template } from './template.ts';
import { UnsupportedResourceError } from './unsupported-resource.ts';

/** The configuration of asynchronous invocations where the template has none (docs: invocation-async-configuring). */
const asynchronousDefaults: AsynchronousConfiguration = { maxRetries: 2, maxAgeMs: 21_600_000 };

/** Where an assembly has the code of its functions. */
interface Code {
  /** The folders of zip assets, by object key. */
  assets: ReadonlyMap<string, string>;
  /** The entry files of functions, by logical id, where known. */
  entries: ReadonlyMap<string, string>;
  /** The folders of bundles that replace assets, by entry file. */
  bundles: ReadonlyMap<string, string>;
}

/**
 * Returns the functions of a template and their invoke targets, by ARN.
 * @throws {UnsupportedResourceError} when one of them cannot be served as on AWS.
 */
export function functionsOf(
  template: Template,
  { assets, entries, bundles }: Code,
): { functions: FunctionModel[]; targets: Map<string, InvokeTarget> } {
  const functions = template.all(resourceSchemas.lambdaFunction).map(([logicalId, properties]): FunctionModel => {
    const entry = entries.get(logicalId);
    const directory = bundles.get(entry ?? '') ?? assets.get(properties.Code.S3Key);
    if (!directory)
      throw new UnsupportedResourceError(
        logicalId,
        `its code, ${properties.Code.S3Key}, is not a folder in the assembly. Deploy it as one.`,
      );
    const name = template.ref(logicalId);
    return {
      name,
      handler: properties.Handler,
      directory,
      entry,
      memoryMb: properties.MemorySize,
      timeoutMs: properties.Timeout * 1000,
      environment: properties.Environment?.Variables ?? {},
      logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
      logLevel: properties.LoggingConfig?.ApplicationLogLevel ?? 'INFO',
      logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      reservedConcurrency: properties.ReservedConcurrentExecutions,
    };
  });

  const asynchronous = asynchronousConfigurations(template);
  const targets = new Map<string, InvokeTarget>();
  const addTarget = (fn: FunctionModel, version: string, qualifier?: string) => {
    const arn = functionArn({ name: fn.name, qualifier });
    // The configuration of $LATEST also applies to an invocation without a qualifier.
    const configured = asynchronous.get(functionArn({ name: fn.name, qualifier: qualifier ?? latest }));
    targets.set(arn, {
      function: fn,
      qualifier,
      name: qualifier === undefined ? fn.name : `${fn.name}:${qualifier}`,
      arn,
      version,
      asynchronous: configured?.configuration ?? asynchronousDefaults,
    });
  };
  const functionNamed = (reference: string, user: string): FunctionModel => {
    const fn = functions.find(({ name }) => name === parseFunctionReference(reference)?.name);
    if (!fn)
      throw new UnsupportedResourceError(user, `belongs to ${reference}, which is not a function of this stack.`);
    return fn;
  };

  for (const fn of functions) {
    addTarget(fn, latest);
    addTarget(fn, latest, latest);
  }
  for (const [id, { FunctionName }] of template.all(resourceSchemas.version)) {
    const fn = functionNamed(FunctionName, id);
    if (targets.has(functionArn({ name: fn.name, qualifier: firstVersion }))) {
      throw new UnsupportedResourceError(
        id,
        `is a second version of ${fn.name}. Lambda publishes no version that equals the last one; leave it out.`,
      );
    }
    addTarget(fn, firstVersion, firstVersion);
  }
  for (const [id, { FunctionName, FunctionVersion, Name }] of template.all(resourceSchemas.alias)) {
    const fn = functionNamed(FunctionName, id);
    if (!targets.has(functionArn({ name: fn.name, qualifier: FunctionVersion }))) {
      throw new UnsupportedResourceError(
        id,
        `points to version ${FunctionVersion} of ${fn.name}, which is not in this stack.`,
      );
    }
    addTarget(fn, FunctionVersion, Name);
  }
  for (const [arn, { id }] of asynchronous) {
    if (!targets.has(arn)) throw new UnsupportedResourceError(id, `configures ${arn}, which is not in this stack.`);
  }
  return { functions, targets };
}

/** Returns the configurations of asynchronous invocation, by the ARN of the version or alias. */
function asynchronousConfigurations(
  template: Template,
): Map<string, { id: string; configuration: AsynchronousConfiguration }> {
  const queues = queuesOf(template);
  const configurations = new Map<string, { id: string; configuration: AsynchronousConfiguration }>();
  for (const [id, config] of template.all(resourceSchemas.eventInvokeConfig)) {
    const queueOf = (destination?: { Destination: string }) => {
      const target = queues.find(({ arn }) => arn === destination?.Destination);
      if (destination && !target)
        throw new UnsupportedResourceError(id, 'has a destination that is not a queue of this stack.');
      return target?.name;
    };
    const name = parseFunctionReference(config.FunctionName)?.name ?? config.FunctionName;
    configurations.set(functionArn({ name, qualifier: config.Qualifier }), {
      id,
      configuration: {
        maxRetries: config.MaximumRetryAttempts,
        maxAgeMs: config.MaximumEventAgeInSeconds * 1000,
        onFailure: queueOf(config.DestinationConfig.OnFailure),
        onSuccess: queueOf(config.DestinationConfig.OnSuccess),
      },
    });
  }
  return configurations;
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  Code,
  EventInvokeConfig,
  type EventInvokeConfigOptions,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AssetHashType, DockerImage, Duration, type ILocalBundling, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';
import { entryMetadata } from './entry-metadata.ts';
import { bundleFunction } from './function-bundle.ts';
import { functionName, type Trigger } from './function-name.ts';
import { MissingFunctionError } from './missing-function-error.ts';
import { projectRoot } from './project-root.ts';

export interface FeelingFunctionProps {
  configuration: Configuration;
  /** Name of the function's folder. */
  operationId: string;
  /** Name of its file. */
  trigger: Trigger;
  /** What happens to asynchronous events. @default the function gets none */
  asynchronous?: EventInvokeConfigOptions;
  environment?: Record<string, string>;
}

/**
 * A function of ours: one bundled file, a log group, a role that may write to that log group and do nothing else, and
 * the alias `live`, which is what callers invoke.
 */
export class FeelingFunction extends Construct {
  readonly trigger: Trigger;
  readonly handler: LambdaFunction;
  readonly logGroup: LogGroup;
  /** The version in service. A deployment moves it to the next version. */
  readonly live: Alias;

  constructor(scope: Construct, props: FeelingFunctionProps) {
    const { configuration, operationId, trigger, asynchronous, environment } = props;
    super(scope, `${operationId}-${trigger}`);
    const { stage, memoryMb, timeoutSeconds, logLevel, logRetentionDays, reservedConcurrency } = configuration;
    const removalPolicy = removalPolicyOf(configuration);

    this.trigger = trigger;
    this.logGroup = new LogGroup(this, 'Log', { retention: logRetentionDays, removalPolicy });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    const entry = `functions/${operationId}/${trigger}.ts`;
    this.handler = new LambdaFunction(this, 'Function', {
      ...asynchronous,
      ...(environment && { environment }),
      functionName: functionName(operationId, trigger, stage),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // Memory buys CPU for cold starts. At up to 512 MB a request is billed the least there is, one millisecond
      // (bench/results/RESULTS.md).
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      ...(reservedConcurrency && { reservedConcurrentExecutions: reservedConcurrency }),
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[logLevel],
      systemLogLevelV2: SystemLogLevel.INFO,
      logGroup: this.logGroup,
      role,
      handler: 'index.handler',
      code: bundledCode(entry),
      // CloudFormation would delete a version when the next replaces it, and the alias could not go back.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    });
    this.handler.node.defaultChild?.node.addMetadata(entryMetadata, entry);
    this.live = new Alias(this, 'Live', { aliasName: 'live', version: this.handler.currentVersion });
    if (asynchronous) {
      const config = new EventInvokeConfig(this, 'LiveEvents', {
        ...asynchronous,
        function: this.handler,
        qualifier: this.live.aliasName,
      });
      config.node.addDependency(this.live);
    }
  }
}

/**
 * Returns what happens to logs and failed events when the stack is removed. If the deployment that creates them fails,
 * even retained ones are deleted. The deployment can then be repeated (`RetainExceptOnCreate`).
 */
export function removalPolicyOf({ removalPolicy }: Configuration): RemovalPolicy {
  return removalPolicy === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/**
 * Returns the bundle as an asset, named by the hash of its bytes.
 * @throws {MissingFunctionError} if there is no such file
 */
function bundledCode(entry: string): Code {
  if (!existsSync(join(projectRoot, entry))) throw new MissingFunctionError(entry);
  return Code.fromAsset(dirname(join(projectRoot, entry)), {
    assetHashType: AssetHashType.OUTPUT,
    // The CDK requires an image for machines that cannot bundle. There are none.
    bundling: { image: DockerImage.fromRegistry('none'), local: new LocalBundling(entry) },
  });
}

class LocalBundling implements ILocalBundling {
  /** The CDK tells two assets of one folder apart by the values in their bundling. */
  readonly entry: string;

  constructor(entry: string) {
    this.entry = entry;
  }

  tryBundle(directory: string): true {
    bundleFunction(this.entry, directory);
    return true;
  }
}

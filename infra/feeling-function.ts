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
import { projectRoot } from './project-root.ts';

export interface FeelingFunctionProps {
  configuration: Configuration;
  /** Names the folder of the function. */
  operationId: string;
  /** Names its file. */
  trigger: Trigger;
  /** What becomes of events that nobody waits for. @default nobody sends any */
  asynchronous?: EventInvokeConfigOptions;
}

/**
 * A function of ours: one bundled file, a log group of its own, a role that may write to that and
 * nothing else, and the alias `live`, which is what callers invoke.
 */
export class FeelingFunction extends Construct {
  readonly handler: LambdaFunction;
  readonly logGroup: LogGroup;
  /** The version that is in service. A deployment moves it from one to the next. */
  readonly live: Alias;

  constructor(scope: Construct, { configuration, operationId, trigger, asynchronous }: FeelingFunctionProps) {
    super(scope, `${operationId}-${trigger}`);
    const { stage, memoryMb, timeoutSeconds, logLevel, logRetentionDays, reservedConcurrency } = configuration;
    const removalPolicy = removalPolicyOf(configuration);

    this.logGroup = new LogGroup(this, 'Log', { retention: logRetentionDays, removalPolicy });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    const entry = `functions/${operationId}/${trigger}.ts`;
    this.handler = new LambdaFunction(this, 'Function', {
      ...asynchronous,
      functionName: functionName(operationId, trigger, stage),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // Memory buys the CPU share that a cold start needs. 512 MB: the most at which a request, by then of less
      // than the one millisecond that is billed at least, costs no more than at less (bench/results/RESULTS.md).
      memorySize: memoryMb,
      // Room for the slowest cold start.
      timeout: Duration.seconds(timeoutSeconds),
      ...(reservedConcurrency && { reservedConcurrentExecutions: reservedConcurrency }),
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[logLevel],
      systemLogLevelV2: SystemLogLevel.INFO,
      logGroup: this.logGroup,
      role,
      handler: 'index.handler',
      code: bundledCode(entry),
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

/** What becomes of what is kept when the stack is removed. */
export function removalPolicyOf({ removalPolicy }: Configuration): RemovalPolicy {
  return removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}

/** The bundle as an asset, under the hash of its bytes. */
function bundledCode(entry: string): Code {
  return Code.fromAsset(dirname(join(projectRoot, entry)), {
    assetHashType: AssetHashType.OUTPUT,
    // The image is for machines on which the bundle cannot be made: there are none.
    bundling: { image: DockerImage.fromRegistry('none'), local: new LocalBundling(entry) },
  });
}

class LocalBundling implements ILocalBundling {
  /** The CDK tells assets of one folder apart by the values in their bundling. */
  readonly entry: string;

  constructor(entry: string) {
    this.entry = entry;
  }

  tryBundle(directory: string): true {
    bundleFunction(this.entry, directory);
    return true;
  }
}

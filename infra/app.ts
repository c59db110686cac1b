/** The CDK app: `cdk` runs this file, `npm start` and the tests call `synthesise`. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib/core';
import { BUNDLING_STACKS, type CloudAssembly } from 'aws-cdk-lib/cx-api';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import {
  assertDeployable,
  type Configuration,
  ConfigurationError,
  concurrencyReport,
  configurationOf,
} from './configuration.ts';
import { FeelingStack } from './feeling-stack.ts';
import { MissingFunctionError } from './missing-function-error.ts';

interface FeelingApp {
  app: App;
  stack: FeelingStack;
  configuration: Configuration;
}

/**
 * Returns the app with the stack in it.
 * @param check gets the configuration before anything is bundled, and throws if it cannot be used
 * @throws {ConfigurationError} when the context holds a key or value that cannot be used.
 */
export function feelingApp(
  props: AppProps = {},
  check: (configuration: Configuration, app: App) => void = () => {},
): FeelingApp {
  const app = new App({ analyticsReporting: false, postCliContext: featureFlags, ...props });
  const configuration = configurationOf(app.node.getAllContext());
  check(configuration, app);
  const stack = new FeelingStack(app, 'Feeling', { stackName: `feeling-${configuration.stage}`, configuration });
  return { app, stack, configuration };
}

/**
 * Synthesises the stack. Leaves out the CDK's validation of the template, unless `props` ask for it: it takes twice
 * as long as the rest, and the local runtime checks what it serves itself.
 * @throws {ConfigurationError} as `feelingApp` does.
 */
export function synthesise(props: AppProps = {}): CloudAssembly {
  return feelingApp({ builtinCloudFormationValidation: false, ...props }).app.synth();
}

/** Yields the size of each function's bundle, a line each: a cold start pays for every byte. */
async function* bundleSizes({ directory, stacks }: CloudAssembly): AsyncGenerator<string> {
  // Only here: loading it takes time that `npm start` does not have.
  const { Template } = await import('aws-cdk-lib/assertions');
  for (const { template } of stacks) {
    const functions = Template.fromJSON(template).findResources('AWS::Lambda::Function');
    for (const { Properties } of Object.values(functions)) {
      const folder = join(directory, `asset.${Properties.Code.S3Key.replace('.zip', '')}`);
      const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
      yield `${Properties.FunctionName}: ${bytes} bytes`;
    }
  }
}

/** Synthesises for the CDK CLI. It has functions bundled for synth, diff and deploy, not for list, destroy or bootstrap. */
async function main(): Promise<void> {
  const { app, stack, configuration } = feelingApp({}, (checked, { node }) => {
    const bundledStacks: unknown = node.tryGetContext(BUNDLING_STACKS) ?? ['**'];
    if (Array.isArray(bundledStacks) && bundledStacks.length > 0) assertDeployable(checked);
  });
  const assembly = app.synth();
  if (!stack.bundlingRequired) return;
  for await (const line of bundleSizes(assembly)) console.error(line);
  const report = concurrencyReport(configuration);
  if (report) console.error(report);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof MissingFunctionError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

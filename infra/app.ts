/** The CDK app: `cdk` runs this file, `npm start` and the tests call `synthesise`. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib/core';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { ConfigurationError, configurationOf } from './configuration.ts';
import { FeelingStack } from './feeling-stack.ts';

/**
 * The app with the stack in it.
 * @throws {ConfigurationError} when the context holds a key or value that cannot be used.
 */
export function feelingApp(props: AppProps = {}): { app: App; stack: FeelingStack } {
  const app = new App({ analyticsReporting: false, postCliContext: featureFlags, ...props });
  const configuration = configurationOf(app.node);
  return {
    app,
    stack: new FeelingStack(app, 'Feeling', { stackName: `feeling-${configuration.stage}`, configuration }),
  };
}

/**
 * Synthesises the stack. Unless it is asked for, the CDK's validation of the template is left out: it takes twice
 * as long as all the rest, and what is served here is read by a reader of its own.
 * @throws {ConfigurationError} as `feelingApp` does.
 */
export function synthesise(props: AppProps = {}): CloudAssembly {
  return feelingApp({ builtinCloudFormationValidation: false, ...props }).app.synth();
}

/** How large the code of each function is: every byte is paid at every cold start. */
async function* bundleSizes({ directory, stacks }: CloudAssembly): AsyncGenerator<string> {
  // Not loaded by those who only synthesise: it takes its time.
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

if (import.meta.main) {
  try {
    for await (const line of bundleSizes(synthesise({ builtinCloudFormationValidation: true }))) console.error(line);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

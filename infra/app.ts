/** The CDK app: `cdk` runs this file, `npm start` and the tests call `synthesise`. */
import { App, type AppProps } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { ConfigurationError, configurationOf } from './configuration.ts';
import { FeelingStack } from './feeling-stack.ts';

/**
 * Synthesises the stack.
 * @throws {ConfigurationError} when the context holds a key or value that cannot be used.
 */
export function synthesise(props: AppProps = {}): CloudAssembly {
  const app = new App({ analyticsReporting: false, postCliContext: featureFlags, ...props });
  const configuration = configurationOf(app.node);
  new FeelingStack(app, 'Feeling', { stackName: `feeling-${configuration.stage}`, configuration });
  return app.synth();
}

if (import.meta.main) {
  try {
    synthesise();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

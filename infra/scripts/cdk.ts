/** `npm run deploy`, `diff` and `destroy`: the CDK's own CLI, once there are credentials for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { projectRoot } from '../project-root.ts';

const commands: Record<string, string> = {
  deploy: 'Deploys the stack and prints the address of the API.',
  diff: 'Compares the stack with what is deployed.',
  destroy: 'Removes the stack.',
};

const [command = '', ...args] = process.argv.slice(2);
// The options are the CDK's: only those that matter here are read.
const { values } = parseArgs({
  args,
  strict: false,
  options: { help: { type: 'boolean', short: 'h' }, profile: { type: 'string' }, template: { type: 'string' } },
});

if (values.help) console.log(help());
else {
  const profile = typeof values.profile === 'string' ? values.profile : undefined;
  // A comparison with a template file needs no account.
  const missing = values.template === undefined ? await missingCredentials(profile) : undefined;
  if (missing) {
    console.error(missing);
    process.exitCode = 1;
  } else process.exitCode = await runCdk();
}

function help(): string {
  return `npm run ${command} [-- -c key=value] [-- options]

${commands[command]} It needs AWS credentials and, once for each account and region, npx cdk bootstrap.

  -c, --context key=value  sets a key of the configuration; npm start -- --help lists them
  --profile name           takes the credentials of this profile
  -h, --help               prints this

Other options go to the CDK: npx cdk ${command} --help lists them. AWS_ENDPOINT_URL leads it to an emulator.`;
}

/**
 * Returns a sentence on what is missing, if the SDK finds no credentials: in the environment, in ~/.aws, from SSO, or
 * from the machine's role. The CDK looks in the same places, but synthesises first and does not say what to do.
 */
async function missingCredentials(profile = process.env['AWS_PROFILE']): Promise<string | undefined> {
  const client = new LambdaClient({ region: 'us-east-1', ...(profile && { profile }) });
  try {
    await client.config.credentials();
    return undefined;
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: String(error) };
    if (!message.startsWith('Could not load credentials')) return `The AWS credentials cannot be used: ${message}`;
    const emulator = process.env['AWS_ENDPOINT_URL'] ? ' (an emulator takes any, such as test and test)' : '';
    return `AWS credentials are missing${profile ? ` for the profile ${profile}` : ''}: set AWS_PROFILE to a profile that \`aws configure sso\` or \`aws configure\` made, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY${emulator}.`;
  } finally {
    client.destroy();
  }
}

/** @returns the exit code of the CDK */
async function runCdk(): Promise<number> {
  const cli = fileURLToPath(new URL('bin/cdk', import.meta.resolve('aws-cdk/package.json')));
  const child = spawn(process.execPath, [cli, command, ...args], { cwd: projectRoot, stdio: 'inherit' });
  // A terminal sends Ctrl+C to both: the CDK says what becomes of the deployment, and this waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [exitCode] = await once(child, 'exit');
  return typeof exitCode === 'number' ? exitCode : 1;
}

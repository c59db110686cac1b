import { z } from 'zod';

/** Lambda measures the variables as JSON (docs: configuration-envvars). */
const maxBytes = 4096;

/** The variables that Lambda sets itself and does not let a template set (docs: configuration-envvars). */
const reserved = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/** The environment variables of a function in a template. Rejects what Lambda would not deploy, by name. */
export const functionVariables = z
  // CloudFormation converts numbers and booleans to text.
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
  .superRefine((variables, context) => {
    for (const name of Object.keys(variables)) {
      const message = reserved.has(name)
        ? 'is reserved by Lambda, which does not deploy a function that sets it. Choose another name.'
        : 'is not a name that Lambda accepts. Use a letter first, then at least one letter, digit or underscore.';
      if (reserved.has(name) || !/^[a-zA-Z]\w+$/.test(name))
        context.addIssue({ code: 'custom', path: [name], message });
    }
    const bytes = Buffer.byteLength(JSON.stringify(variables));
    if (bytes <= maxBytes) return;
    const message = `The variables have ${bytes} bytes as JSON, and Lambda takes ${maxBytes} (4 KB). Longest: ${longest(variables)}. Move long values into the bundle, or into AWS Systems Manager.`;
    context.addIssue({ code: 'custom', message });
  })
  .default({});

/** Returns the names of the three longest variables, with their lengths. */
function longest(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]): [string, number] => [name, Buffer.byteLength(value)])
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([name, bytes]) => `${name} (${bytes})`)
    .join(', ');
}

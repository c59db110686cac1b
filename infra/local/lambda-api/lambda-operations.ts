import { z } from 'zod';

/** How the SDK describes an operation: [9, namespace, name, {http: [method, path, status]}, …]. */
const operationSchema = z
  .tuple([
    z.literal(9),
    z.string(),
    z.string(),
    z.object({ http: z.tuple([z.string(), z.string()]).rest(z.unknown()) }),
  ])
  .rest(z.unknown());

/**
 * The name of the Lambda operation that a request calls, such as `ListFunctions`, from the description
 * of the API that the AWS SDK carries.
 * @returns undefined where there is no such operation
 */
export async function lambdaOperation(method: string, path: string): Promise<string | undefined> {
  // Only now: the SDK is slow to load, and hardly anybody calls for what is not served.
  const sdk: Record<string, unknown> = await import('@aws-sdk/client-lambda');
  for (const value of Object.values(sdk)) {
    const schema = operationSchema.safeParse(value);
    if (!schema.success) continue;
    const [, , name, { http }] = schema.data;
    if (method === http[0] && matches(http[1], path)) return name;
  }
  return undefined;
}

/** @param template such as /2015-03-31/functions/{FunctionName}/policy */
function matches(template: string, path: string): boolean {
  const expected = template.replace(/\/$/, '').split('/');
  const parts = path.replace(/\/$/, '').split('/');
  return expected.length === parts.length && expected.every((part, i) => part.startsWith('{') || part === parts[i]);
}

/** The account and the region of a stack that is served here. Nothing on this machine belongs to a real account. */
export const account = '000000000000';
export const region = 'us-east-1';

/** A function as a caller names it: by its name, a partial ARN or an ARN. */
export interface FunctionReference {
  name: string;
  /** A version or an alias. */
  qualifier?: string | undefined;
  region?: string | undefined;
  account?: string | undefined;
}

/** The unpublished version: what was deployed last. */
export const latest = '$LATEST';
/** The first version that a function publishes. */
export const firstVersion = '1';

/** The pattern of `FunctionName`, as Lambda's own errors print it (PLATFORM_FACTS 3.3). */
export const functionNamePattern =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?';
const wholeFunctionName = new RegExp(`^${functionNamePattern}$`);

/**
 * Parses the name of a function: a name, `name:qualifier`, a partial ARN or an ARN.
 * @returns undefined where it does not match the pattern of Lambda
 */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  const match = wholeFunctionName.exec(text);
  const name = match?.[11];
  if (name === undefined) return undefined;
  // Region and account end with a colon.
  return { name, qualifier: match?.[13], region: match?.[3]?.slice(0, -1), account: match?.[9]?.slice(0, -1) };
}

/** Returns the ARN of a function on this machine, with the qualifier where there is one. */
export function functionArn({ name, qualifier }: Pick<FunctionReference, 'name' | 'qualifier'>): string {
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/** The account and the region of a stack that is served here. Nothing on this machine belongs to a real account. */
export const account = '000000000000';
export const region = 'us-east-1';

/** A function as a caller names it. */
export interface FunctionReference {
  name: string;
  /** A version or an alias. */
  qualifier?: string | undefined;
}

/** The unpublished version: the code that was deployed last. */
export const latest = '$LATEST';
/** The first version that a function publishes. */
export const firstVersion = '1';

/** Name, name:qualifier, partial ARN or ARN (docs: API_Invoke, FunctionName). */
const pattern =
  /^(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([a-zA-Z0-9-_.]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/**
 * Reads the name of a function. An ARN may have any region and account: it is usually the ARN of the deployed function.
 * @returns undefined if the text does not name a function
 */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  const [, name, qualifier] = pattern.exec(text) ?? [];
  return name === undefined ? undefined : { name, qualifier };
}

/** Returns the ARN of a function, with its qualifier if it has one. */
export function functionArn({ name, qualifier }: FunctionReference): string {
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

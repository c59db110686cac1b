/** A function as a caller names it. */
export interface FunctionReference {
  name: string;
  /** A version or an alias. */
  qualifier?: string | undefined;
}

/** Name, name:qualifier, partial ARN or ARN (docs: API_Invoke, FunctionName). */
const pattern =
  /^(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([a-zA-Z0-9-_.]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/**
 * Reads the name of a function. Region and account in an ARN may be any: those of this machine are
 * made up, and the ARN at hand is the one of the deployed function.
 * @returns undefined where it is no name of a function
 */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  const [, name, qualifier] = pattern.exec(text) ?? [];
  return name === undefined ? undefined : { name, qualifier };
}

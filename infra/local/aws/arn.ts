import { account, region } from './account.ts';

/** A function as a caller names it. */
export interface FunctionReference {
  name: string;
  /** A version or an alias. */
  qualifier?: string | undefined;
}

/** The version that is not published: what was last deployed. */
export const latest = '$LATEST';
/** The first version that a function publishes. */
export const firstVersion = '1';

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

/** The ARN of a function, with the qualifier where there is one. */
export function functionArn({ name, qualifier }: FunctionReference): string {
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

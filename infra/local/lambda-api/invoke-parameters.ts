import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { type FunctionReference, functionNamePattern, parseFunctionReference } from '../aws/arn.ts';
import { LambdaError } from './lambda-error.ts';

/** In the order of Lambda's model (botocore: lambda/2015-03-31). */
const invocationTypes = z.enum(['Event', 'RequestResponse', 'DryRun']);
export type InvocationType = z.infer<typeof invocationTypes>;
/** In the order that other emulators print; AWS's own order is unknown (?). */
const logTypes = z.enum(['Tail', 'None']);

/** Limits and patterns of Lambda's model. */
const maxFunctionName = 256;
const maxQualifier = 128;
const qualifierPattern = '\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+';
const wholeQualifier = new RegExp(`^(?:${qualifierPattern})$`);

export interface InvokeParameters {
  reference: FunctionReference;
  invocationType: InvocationType;
  /** Whether the response has the tail of the log. */
  hasLogTail: boolean;
}

/** Returns the invocation type as the caller wrote it. */
export function invocationTypeHeader({ headers }: IncomingMessage): string {
  return String(headers['x-amz-invocation-type'] ?? 'RequestResponse');
}

/**
 * Returns the parameters of Invoke, checked against the constraints of Lambda's model (PLATFORM_FACTS 3.3).
 * @param functionName as the caller names it
 * @param qualifier the parameter `Qualifier`; an empty one is none
 * @throws {LambdaError} with all violations, or when the two qualifiers differ.
 */
export function invokeParameters(
  request: IncomingMessage,
  functionName: string,
  qualifier: string | undefined,
): InvokeParameters {
  const violations: string[] = [];
  const check = (member: string, value: string, constraints: [isMet: boolean, constraint: string][]) => {
    for (const [isMet, constraint] of constraints) {
      if (!isMet)
        violations.push(`Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`);
    }
  };
  const invocationType = invocationTypes.safeParse(invocationTypeHeader(request));
  const logTypeHeader = String(request.headers['x-amz-log-type'] ?? 'None');
  const logType = logTypes.safeParse(logTypeHeader);
  const reference = parseFunctionReference(functionName);

  // Lambda puts the qualifier before the name. Where the two types stand is unknown (?).
  if (qualifier) {
    check('qualifier', qualifier, [
      [qualifier.length <= maxQualifier, `have length less than or equal to ${maxQualifier}`],
      [wholeQualifier.test(qualifier), `satisfy regular expression pattern: ${qualifierPattern}`],
    ]);
  }
  check('functionName', functionName, [
    [reference !== undefined, `satisfy regular expression pattern: ${functionNamePattern}`],
    // A name that violates the pattern is not measured.
    [!reference || functionName.length <= maxFunctionName, `have length less than or equal to ${maxFunctionName}`],
  ]);
  const types = (options: readonly string[]) => `satisfy enum value set: [${options.join(', ')}]`;
  check('invocationType', invocationTypeHeader(request), [[invocationType.success, types(invocationTypes.options)]]);
  check('logType', logTypeHeader, [[logType.success, types(logTypes.options)]]);

  if (violations.length > 0 || !reference || !invocationType.success) throw LambdaError.validation(violations);
  if (qualifier && reference.qualifier && qualifier !== reference.qualifier) {
    throw LambdaError.invalidParameter(
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  return {
    reference: { ...reference, qualifier: reference.qualifier ?? (qualifier || undefined) },
    invocationType: invocationType.data,
    hasLogTail: logType.data === 'Tail',
  };
}

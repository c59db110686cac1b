/**
 * An error response of the Lambda API. Clients read its name from the header x-amzn-ErrorType (PLATFORM_FACTS 3.3).
 */
export class LambdaError extends Error {
  override readonly name: string;
  readonly status: number;
  readonly body: Record<string, string>;
  readonly headers: Record<string, string>;

  private constructor(
    status: number,
    name: string,
    body: Record<string, string>,
    headers: Record<string, string> = {},
  ) {
    super(body['message'] ?? body['Message'] ?? name);
    this.status = status;
    this.name = name;
    this.body = body;
    this.headers = headers;
  }

  static accessDenied(message: string): LambdaError {
    return new LambdaError(403, 'AccessDeniedException', { Type: 'User', Message: message });
  }

  /** @param violations at least one, such as `Value 'x' at 'qualifier' failed to satisfy constraint: …` */
  static validation(violations: string[]): LambdaError {
    const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
    return new LambdaError(400, 'ValidationException', { message: `${count} detected: ${violations.join('; ')}` });
  }

  static notFound(functionArn: string): LambdaError {
    return LambdaError.missing(`Function not found: ${functionArn}`);
  }

  /** The function is named with an ARN of another region. */
  static unreachableRegion(named: string, own: string): LambdaError {
    return LambdaError.missing(`Functions from '${named}' are not reachable in this region ('${own}')`);
  }

  private static missing(message: string): LambdaError {
    return new LambdaError(404, 'ResourceNotFoundException', { Type: 'User', Message: message });
  }

  /** The function is named with an ARN of another account, which has given no permission. */
  static notAuthorized(user: string, functionArn: string): LambdaError {
    const message =
      `User: ${user} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} ` +
      'because no resource-based policy allows the lambda:InvokeFunction action';
    return new LambdaError(403, 'AccessDeniedException', { Message: message });
  }

  static invalidParameter(message: string): LambdaError {
    return new LambdaError(400, 'InvalidParameterValueException', { Type: 'User', message });
  }

  static invalidContent(message: string): LambdaError {
    return new LambdaError(400, 'InvalidRequestContentException', { Type: 'User', message });
  }

  static tooLarge(bytes: number, invocationType: string, limit: number): LambdaError {
    const message = `${bytes} byte payload is too large for the ${invocationType} invocation type (limit ${limit} bytes)`;
    return new LambdaError(413, 'RequestTooLargeException', { Type: 'User', message });
  }

  /** @param reason such as ReservedFunctionConcurrentInvocationLimitExceeded */
  static tooManyRequests(reason: string): LambdaError {
    const body = { Type: 'User', message: 'Rate Exceeded.', Reason: reason };
    return new LambdaError(429, 'TooManyRequestsException', body, { 'retry-after': '1' });
  }

  static service(message: string): LambdaError {
    return new LambdaError(500, 'ServiceException', { Type: 'Service', Message: message });
  }

  /** The operation is not served on this machine. AWS has no such error. */
  static unsupported(message: string): LambdaError {
    return new LambdaError(501, 'UnsupportedOperationException', { Type: 'User', Message: message });
  }
}

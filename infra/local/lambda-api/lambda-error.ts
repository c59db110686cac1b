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

  static notFound(functionArn: string): LambdaError {
    return new LambdaError(404, 'ResourceNotFoundException', {
      Type: 'User',
      Message: `Function not found: ${functionArn}`,
    });
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

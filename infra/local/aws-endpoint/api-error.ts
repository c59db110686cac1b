/** An error of an AWS service, for a client that finds the code in the body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Returns the body of an error in AWS JSON. */
export function jsonError({ code, message }: ApiError): string {
  return JSON.stringify({ __type: code, message });
}

/** Returns the body of an error in AWS Query, which is XML. */
export function queryError({ status, code, message }: ApiError, requestId: string): string {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<ErrorResponse><Error><Type>${type}</Type><Code>${code}</Code><Message>${text}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

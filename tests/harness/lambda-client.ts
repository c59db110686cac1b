import { LambdaClient } from '@aws-sdk/client-lambda';

/** The AWS SDK's client for the Lambda API on this machine. */
export function localClient(endpoint: string): LambdaClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new LambdaClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}

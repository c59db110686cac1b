import { Duration } from '../harness/duration.ts';
import type { TestStack } from '../harness/test-stack.ts';
import { anyOrigin, serveInstead } from './feeling-page.ts';

/** APIs that fail: what the API does, and what the page shows: a heading and what to do. */
export const failures: [what: string, api: () => Promise<TestStack>, title: string, advice: RegExp][] = [
  [
    'fails',
    () =>
      serveInstead(() => {
        throw new Error('secret');
      }),
    'Something failed in the API',
    /Your message is not the cause\. It is request [\w+/-]+= in the logs\.$/,
  ],
  [
    'cannot answer in time',
    () =>
      serveInstead(() => new Promise((resolve) => setTimeout(resolve, 60_000)), {
        integrationTimeout: Duration.millis(50),
        options: { timeout: Duration.seconds(1) },
      }),
    'The API cannot answer now',
    /Wait a moment/,
  ],
  [
    'is throttled',
    () => serveInstead(() => ({}), {}, { throttle: { rateLimit: 0.001, burstLimit: 0 } }),
    'The API is busy',
    /retries did not help/,
  ],
  [
    'requires a token',
    () => serveInstead(() => ({}), {}, { jwt: { issuer: 'https://issuer.example', audience: ['feeling'] } }),
    'This API requires a token',
    /This page has none/,
  ],
  [
    'is not for this page',
    () => serveInstead(() => ({}), {}, { cors: { ...anyOrigin, allowOrigins: ['https://app.example'] } }),
    'The API does not answer this page',
    /its allowedOrigins do not have http:\/\/127\.0\.0\.1:\d+\./,
  ],
];

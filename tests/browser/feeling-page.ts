/** The page of an API, and what tests do with it. */
import type { Page } from 'playwright-core';
import { DocsServer } from '../../infra/local/docs/docs-server.ts';
import { type Handler, serve, type TestApi, type TestCors, type TestFunction } from '../harness/test-stack.ts';

/** Serves the page for an API, on any free port. */
export async function servePage(api: string): Promise<AsyncDisposable & { url: string }> {
  const docs = await DocsServer.start(api, 0);
  return { url: docs.url, [Symbol.asyncDispose]: () => docs.stop() };
}

export const anyOrigin: TestCors = {
  allowOrigins: ['*'],
  allowMethods: ['POST'],
  allowHeaders: ['content-type'],
  exposeHeaders: ['apigw-requestid', 'retry-after'],
};

/** Serves another function behind the route of the page. */
export function serveInstead(code: Handler, more: Partial<TestFunction> = {}, api: TestApi = {}) {
  return serve({ feeling: { code, route: 'POST /feeling', ...more } }, { cors: anyOrigin, ...api });
}

/** Fills in the form and sends it. */
export async function sendFeeling(page: Page, face: 'Good' | 'So-so' | 'Bad', message: string): Promise<void> {
  await page.getByRole('radio', { name: face }).check();
  await page.getByLabel('What is on your mind?').fill(message);
  await page.getByRole('button', { name: 'Send' }).click();
}

export const responseOf = (page: Page) => page.locator('#answer');
export const focused = (page: Page) => page.locator(':focus');
export const failureOf = (page: Page) => page.getByRole('alert');

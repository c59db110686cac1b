/** The Chromium of this machine, driven by Playwright. Nothing is downloaded. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath =
  process.env['CHROMIUM'] ??
  [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ].find(existsSync);

/** Why tests in a browser are skipped, where there is none. */
export const withChromium = executablePath
  ? {}
  : { skip: 'there is no Chromium: install it (apt-get install chromium) or set CHROMIUM to its path' };

/** Where the pictures of every state go, if there are to be any: they take a fifth of the time. */
const screenshots = process.env['SCREENSHOTS'];

export async function launchChromium(): Promise<Browser> {
  assert(executablePath);
  return chromium.launch({
    executablePath,
    args: [
      // Its sandbox wants another user than root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      // It is to call nobody but us.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-extensions',
      '--disable-gpu',
      '--disable-quic',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** A page that was opened, and what the browser said of it. */
export interface OpenPage extends AsyncDisposable {
  page: Page;
  /** Errors on the console, and errors that nobody caught. */
  errors: string[];
  /** The origins of all that was asked for. */
  origins: Set<string>;
}

/** Opens a page in a fresh profile, which is closed on disposal. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const errors: string[] = [];
  const origins = new Set<string>();
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:') origins.add(origin);
  });
  await page.goto(url);
  return { page, errors, origins, [Symbol.asyncDispose]: () => context.close() };
}

/** Takes a picture of the page, as an artefact of the test, where that is asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (screenshots)
    await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true, animations: 'disabled' });
}

/**
 * @param notOurs selects the part of the page that we did not write; it is not checked
 * @throws {AssertionError} when axe finds something that keeps people out, by the rules of WCAG and its own.
 */
export async function checkAccessibility(page: Page, notOurs: string[] = []): Promise<void> {
  // The page has no frames: without legacy mode, axe opens a second page for each check.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  for (const selector of notOurs) axe.exclude(selector);
  const { violations, passes } = await axe.analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
  );
  assert(passes.length > 0);
}

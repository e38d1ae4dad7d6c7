import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Starts the system's Chromium; throws, saying so, when there is none. */
export async function startBrowser(): Promise<Browser> {
  const dirs = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const executablePath = names.flatMap((name) => dirs.map((dir) => join(dir, name))).find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('Chromium is not there: run scripts/ci-tools.sh');
  // Root has no sandbox of its own there; what is opened is parity's own page.
  return await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A page in a browser, and what it complained of: errors, warnings, and anything that it asked the network for. */
export interface OpenedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens a page's address in a window of its own. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<OpenedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds serious or critical on a page as it stands, or in the elements of a selector: rule, then the elements. */
export async function seriousFindings(page: Page, selector = 'html'): Promise<readonly string[]> {
  // By the debugger, so that the page's own policy, which forbids scripts, stays as it is.
  await page.evaluate(axeSource);
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(selector)})`)) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary ?? ''}`),
    );
}

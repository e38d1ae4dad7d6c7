import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openPage, seriousFindings, startBrowser } from '../support/browser.ts';
import { engineTest } from '../support/engine-test.ts';
import { git } from '../support/environment.ts';
import { parity } from '../support/parity.ts';

const { address, makeProject, test } = engineTest();
// For people who look at the pages: a folder that is kept.
const pictures = process.env['PARITY_TEST_PICTURES'];
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
});

const models = `from dataclasses import dataclass


@dataclass
class Basket:
    items: list = []


def total(basket: Basket, discount: int = None) -> int:
    return sum(item.price for item in basket.items) - discount
`;
const typesSay = [
  'core/models.py:9:43: error: Incompatible default for parameter "discount" (default has type "None", parameter has type "int")  [assignment]',
  'core/models.py:10:12: error: Unsupported operand types for - ("int" and "None")  [operator]',
  '\u001B[1m\u001B[31mFound 2 errors in 1 file (checked 12 source files)\u001B[m',
  '',
].join('\n');

/** Runs a pipeline and gives the address of the page that tells of it. */
async function reported(
  pipeline: string,
  wanted: number,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const dir = await makeProject(pipeline, { name: 'shop <b>ü' });
  mkdirSync(join(dir, 'core'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text);
  git(dir, 'init', '-q');
  git(dir, 'add', '.');
  git(dir, 'commit', '-qm', 'one');
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', DEPLOY_KEY: 'hunter2hunter2' };
  // Twice, so that what is cached has its place, too.
  for (const args of [['up'], ['up', '--report', 'html=run.html']]) {
    const { code, stderr } = await parity(args, { cwd: dir, env });
    expect(code, stderr).toBe(wanted);
  }
  const file = join(dir, 'run.html');
  expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
  return pathToFileURL(file).href;
}

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { name: 'dark phone', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
] as const;

/** In every look: the page says nothing to the console, asks for nothing, fits its window, and axe finds nothing, folded or open. */
async function expectGoodLooks(url: string, picture: string): Promise<void> {
  for (const { name, ...options } of looks) {
    const { page, complaints } = await openPage(browser, url, options);
    expect(await seriousFindings(page), name).toEqual([]);
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `${picture} ${name}.png`), fullPage: true });
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect(await seriousFindings(page), `${name}, unfolded`).toEqual([]);
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `${picture} ${name} open.png`), fullPage: true });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} is too wide`).toBe(true);
    expect(complaints, name).toEqual([]);
    await page.context().close();
  }
}

/** Everything that Tab comes to, in its order: what a keyboard can use. */
async function tabStops(page: Page): Promise<readonly string[]> {
  const stops: string[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = (await page.evaluate(`(() => {
      const { tagName, textContent, ariaLabel } = document.activeElement;
      const outline = getComputedStyle(document.activeElement).outlineStyle;
      return tagName === 'BODY' ? '' : [tagName.toLowerCase(), ariaLabel ?? textContent.trim().split('\\n')[0], outline].join(' ');
    })()`)) as string;
    if (stop === '') return stops;
    stops.push(stop.replaceAll(/\s+/g, ' '));
  }
}

describe('the page of a run, in a browser', () => {
  test('that failed: the code, what to do, nothing cut off, and all of it in reach of a keyboard', async () => {
    const url = await reported(
      `  - { name: lint, run: "echo fine" }
  - { name: types, run: "cat core/types.txt; exit 1", fix: "python -m mend core/", needs: [lint] }
  - { name: tests, run: "echo 'token '$DEPLOY_KEY; printf '</script><img src=x onerror=alert(1)>\\\\n'; exit 3", secrets: [DEPLOY_KEY] }
  - { name: ui-types, run: "true", needs: [types] }
`,
      1,
      { 'core/models.py': models, 'core/types.txt': typesSay },
    );
    await expectGoodLooks(url, 'failed');
    const { page, complaints } = await openPage(browser, url, { viewport: { width: 1280, height: 900 } });
    const text = async (selector: string): Promise<readonly string[]> =>
      (await page.locator(selector).allInnerTexts()).map((each) => each.replaceAll(/[^\S\n]+$/gm, ''));
    expect(await text('h1')).toEqual(['shop <b>ü failed']);
    expect(await page.locator('.pill').allTextContents()).toEqual([
      '↺ lint cached',
      '✕ types failed',
      '✕ tests failed',
      '– ui-types skipped',
    ]);
    expect((await text('article.card'))[0]).toContain('exit code 1');
    expect(await text('.next li:last-child .take')).toEqual(['python -m mend core/']);
    expect((await text('.frame'))[0]?.trimEnd()).toBe(`   7 │
   8 │
›  9 │ def total(basket: Basket, discount: int = None) -> int:
     │                                           ^^^^
  10 │     return sum(item.price for item in basket.items) - discount`);
    expect((await text('article.card .output')).at(-1)).toBe('token ***\n</script><img src=x onerror=alert(1)>');
    expect((await text('.steps tbody tr'))[0]).toContain('is cached: it passed at');
    expect(await page.locator('.c1.b').innerText()).toBe('Found 2 errors in 1 file (checked 12 source files)');
    // One click takes the command.
    await page.locator('.next li:last-child .take').click();
    expect(await page.evaluate('String(getSelection())')).toBe('python -m mend core/');
    await page.evaluate('getSelection().empty()');
    await page.reload();
    const stops = await tabStops(page);
    expect(stops.slice(0, 7)).toEqual([
      'a Skip to the report solid',
      'a ↺ lint cached solid',
      'a ✕ types failed solid',
      'a ✕ tests failed solid',
      'a – ui-types skipped solid',
      'a mypy.readthedocs.io solid',
      'pre core/models.py, line 9 solid',
    ]);
    expect(stops.at(-1)).toMatch(/^summary Show it, .* solid$/);
    // A summary opens by a key, and the receipt can be taken from its field by keys alone.
    await page.locator('#receipt ~ details summary').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(JSON.parse((await page.evaluate('document.activeElement.value')) as string)).toMatchObject({
      outcome: 'failed',
    });
    expect(complaints).toEqual([]);
    // On paper: black on white, whatever the screen's colours are, and nothing that only a screen has.
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
    expect(await page.locator('nav').isVisible()).toBe(false);
    const paper = await page.pdf({ format: 'A4' });
    expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
    if (pictures !== undefined) writeFileSync(join(pictures, 'failed.pdf'), paper);
    await page.context().close();
  });

  test('that passed: versions and the receipt, nothing that looks like a failure', async () => {
    const url = await reported(
      `  - { name: format, run: "echo 'All done!'", inputs: ["core/**"] }
  - { name: tests, run: "echo 60 passed", cache: false }
`,
      0,
    );
    await expectGoodLooks(url, 'passed');
    const { page } = await openPage(browser, url, {});
    expect(await page.title()).toMatch(/^✓ shop <b>ü: 1 passed, 1 cached in /);
    expect(await page.locator('h2').allInnerTexts()).toEqual([
      'Timeline',
      'Steps',
      'Output',
      'Versions',
      'What decided it',
      'Receipt',
    ]);
    expect(await page.locator('.failed, .error').count()).toBe(0);
    await page.context().close();
  });

  test('with a log of 5 MB: nothing of it is laid out before it is opened, and then only what is in sight', async () => {
    const line = 'core/app.py:1:1: DEBUG request <id> took 12 ms and went through all of its layers';
    const url = await reported(
      `  - name: tests
    run: |
      seq -f "$(printf '\\033[32m')%06.0f$(printf '\\033[0m') ${line}" 60000
      exit 1
`,
      1,
    );
    expect(readFileSync(new URL(url)).length).toBeGreaterThan(5_000_000);
    const { page, complaints } = await openPage(browser, url, { viewport: { width: 1280, height: 900 } });
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'large.png') });
    // What keeps it smooth: the browser lays out only those blocks of the log that are in sight.
    const laidOut = await page.evaluate(`(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const log = document.querySelector('.scroll');
      const blocks = [...log.querySelectorAll('.block')];
      const shown = async (work) => {
        work();
        await frame();
        const isLaidOut = ({ firstElementChild }) => firstElementChild.checkVisibility({ contentVisibilityAuto: true });
        return blocks.flatMap((block, index) => (isLaidOut(block) ? [index] : []));
      };
      return {
        blocks: blocks.length,
        folded: await shown(() => { log.closest('details').open = false; }),
        opened: await shown(() => { log.closest('details').open = true; log.scrollIntoView(); }),
        atEnd: await shown(() => { log.scrollTop = log.scrollHeight; }),
      };
    })()`);
    expect(laidOut).toEqual({ blocks: 300, folded: [], opened: [0], atEnd: [299] });
    expect((await page.locator('.block').last().innerText()).trimEnd().split('\n').at(-1)).toBe(`060000 ${line}`);
    expect(await seriousFindings(page, 'body > :not(main), main > section:not(:has(.scroll))')).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

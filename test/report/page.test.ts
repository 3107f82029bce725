import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import axe from 'axe-core';
import * as fc from 'fast-check';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FleetReport } from '../../src/findings/fleet-report.ts';
import type { Report } from '../../src/findings/report.ts';
import { fleetPage } from '../../src/report/fleet/html.ts';
import { htmlPage } from '../../src/report/html/page.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { openBrowser } from '../lab/browser.ts';
import type { OpenBrowser } from '../lab/browser.ts';
import { fleetOf } from './fleets.ts';
import { aFinding, with500 } from './reports.ts';
import { hostile, sample, spoiled } from './spoiled.ts';

const rules = new Map(catalogue.map((rule) => [rule.id, rule]));
const folder = mkdtempSync(join(tmpdir(), 'standbylint-page-'));
// the browser is another user
chmodSync(folder, 0o755);

let opened: OpenBrowser;
beforeAll(async () => {
  opened = await openBrowser();
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

const file = join(folder, 'report.html');
const write = (shown: Report | FleetReport): void =>
  writeFileSync(file, shown.command === 'fleet' ? fleetPage(shown, { rules }) : htmlPage(shown, { rules }), {
    mode: 0o644,
  });

const phone = { viewport: { width: 360, height: 740 } };
const dark = { colorScheme: 'dark' } as const;

/** The page as a file, in a window of its own. Anything that it asks for, runs by mistake or complains of ends the test. */
async function shown<T>(
  report: Report | FleetReport,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<T>,
): Promise<T> {
  write(report);
  const context = await opened.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const wrong: string[] = [];
    page.on('console', (message) => wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => wrong.push(...(request.url() === `file://${file}` ? [] : [request.url()])));
    await page.goto(`file://${file}`);
    const seen = await look(page);
    expect(wrong).toEqual([]);
    return seen;
  } finally {
    await context.close();
  }
}

const violations = async (page: Page): Promise<unknown> => {
  await page.evaluate(axe.source);
  return page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  );
};

const wider = async (page: Page): Promise<unknown> =>
  page.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`);

const visibleRules = async (page: Page): Promise<number> => page.locator('ul.rules > li:visible').count();

const ready: Report = {
  ...sample,
  command: 'preflight',
  verdict: 'ready',
  findings: sample.findings.filter(({ severity }) => severity !== 'error'),
  recovery: null,
  plan: { summary: null, risk: 'safe', steps: [], alternatives: [] },
};
const healthy: Report = {
  ...ready,
  command: 'postmortem',
  verdict: 'healthy',
  scene: {
    ...(sample.scene ?? { endpoint: 'db1:5432', primaryName: 'db1', source: 'primary' }),
    picture: [{ what: 'timeline', primary: '1', standby: '1', mark: '=' }],
  },
};

/** With every part that a page can have. */
const everything: Report = {
  ...sample,
  findings: [
    ...sample.findings,
    aFinding({ id: 'f5' }),
    aFinding({ id: 'f6', severity: 'warning', accepted: { reason: 'replaced in January', until: '2027-01-31' } }),
  ],
  configuration: { file: '/etc/standbylint.config.json', target: 'eu-1', ignored: ['hba/weak-method'] },
  acceptedUnexamined: ['streaming/lag'],
  steps: [
    {
      ...{ name: 'copy', outcome: 'done', elapsedMs: 1_200 },
      details: [{ label: 'size', value: '22 MB', source: 'pg_basebackup' }],
    },
  ],
  applied: sample.plan.steps.map(({ step }) => ({
    ...{ rule: 'standby/permissions', step, outcome: 'done', output: 'one line\nand another', elapsedMs: 12 },
  })),
  fixes: [{ rule: 'hba/weak-method', title: 'An entry', decision: 'leave', because: 'it is for a person', steps: [] }],
  journal: '/var/lib/postgresql/journal.json',
};

describe('the page in a browser', () => {
  it.each([
    ['broken', sample, {}],
    ['broken, dark', sample, dark],
    ['broken, on a phone', sample, phone],
    ['with every part', everything, {}],
    ['with every part, dark, on a phone', everything, { ...phone, ...dark }],
    ['ready, dark', ready, dark],
    ['healthy', healthy, {}],
    ['a fleet', fleetOf('word', sample), {}],
    ['a fleet, dark, on a phone', fleetOf('word', everything), { ...phone, ...dark }],
    ['healthy, dark, on a phone', healthy, { ...phone, ...dark }],
  ] as const)('has nothing that axe objects to: %s', async (_, report, options) => {
    await shown(report, options, async (page) => {
      await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
      expect(await violations(page)).toEqual([]);
      expect(await wider(page)).toBe(0);
    });
  });

  it('follows the colors of the system', async () => {
    const ground = async (options: BrowserContextOptions): Promise<unknown> =>
      shown(sample, options, async (page) => page.evaluate(`getComputedStyle(document.body).backgroundColor`));
    expect(await ground({})).toBe('rgb(245, 246, 248)');
    expect(await ground(dark)).toBe('rgb(13, 17, 23)');
  });

  it('shows one of its two pictures, with every server in it', async () => {
    for (const options of [{}, phone]) {
      await shown(sample, options, async (page) => {
        const picture = page.locator('figure.topology > svg:visible');
        expect(await picture.count()).toBe(1);
        const text = await picture.textContent();
        for (const words of [
          'db1:5432',
          'db2',
          'db3',
          'reports',
          'not streaming',
          'slot db3',
          'catching up',
          '70 MB behind',
        ])
          expect(text).toContain(words);
      });
    }
  });

  it('filters the rules from the keyboard', async () => {
    await shown(sample, {}, async (page) => {
      const all = sample.rules.length;
      expect(await visibleRules(page)).toBe(all);
      await page.getByRole('checkbox', { name: /^failed/u }).focus();
      for (const _ of [1, 2]) await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.value')).toBe('passed');
      await page.keyboard.press('Space');
      expect(await visibleRules(page)).toBe(all - sample.summary.passed);
      expect(await page.getByRole('status').textContent()).toBe(`${all - sample.summary.passed} of ${all} rules`);
      for (const _ of [1, 2]) await page.keyboard.press('Tab');
      await page.keyboard.type('permissions STANDBY/');
      expect(await visibleRules(page)).toBe(1);
      await page.keyboard.press('Enter');
      expect(await visibleRules(page)).toBe(1);
    });
  });

  it('copies a command as it is printed', async () => {
    const step = sample.plan.steps[0]?.step.text;
    await shown(sample, { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      const button = page.getByRole('button', { name: 'Copy' }).first();
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(step);
    });
  });

  it('copies without a clipboard by selecting', async () => {
    await shown(sample, {}, async (page) => {
      await page.evaluate(`navigator.clipboard.writeText = async () => { throw new Error('refused'); }`);
      await page.getByRole('button', { name: 'Copy' }).first().click();
      await page.getByRole('button', { name: /Copied|Selected/u }).waitFor();
      expect(await page.evaluate('getSelection().toString()')).toBe(sample.plan.steps[0]?.step.text);
    });
  });

  it('goes to paper whole, and without what cannot be used there', async () => {
    await shown(sample, dark, async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.evaluate(`getComputedStyle(document.body).backgroundColor`)).toBe('rgb(255, 255, 255)');
      expect(await page.getByRole('button').count()).toBe(0);
      expect(await page.getByRole('search').or(page.getByRole('searchbox')).count()).toBe(0);
      await page.evaluate(`addEventListener('beforeprint', () => {
        document.body.dataset.open = String([...document.querySelectorAll('details')].every(({ open }) => open));
      })`);
      const paper = await page.pdf({ format: 'A4' });
      expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
      expect(await page.evaluate('document.body.dataset.open')).toBe('true');
      expect(await page.locator('details[open]').count()).toBe(0);
    });
  });

  it('stays quick with 500 findings', async () => {
    for (const options of [{}, phone]) {
      await shown(with500(sample), options, async (page) => {
        expect(await page.getByRole('article').count()).toBe(500);
        expect(await wider(page)).toBe(0);
        const took = await page.evaluate(`(() => {
          const before = performance.now();
          const search = document.querySelector('input[type=search]');
          search.value = 'hba';
          search.dispatchEvent(new Event('input', { bubbles: true }));
          document.body.offsetHeight;
          return performance.now() - before;
        })()`);
        expect(took).toBeLessThan(1_000);
      });
    }
  });

  it('is whole without its script', async () => {
    await shown(sample, { javaScriptEnabled: false }, async (page) => {
      expect(await page.getByRole('button').count()).toBe(0);
      expect(await visibleRules(page)).toBe(sample.rules.length);
    });
  });

  it('runs nothing that a server says, and keeps its shape', async () => {
    await shown(sample, phone, async (page) => {
      const elements = async (text: string): Promise<unknown> => {
        write(spoiled(text, everything));
        await page.reload();
        expect(await wider(page)).toBe(0);
        return page.evaluate(`[...document.querySelectorAll('*')].map(({ tagName }) => tagName).join(' ')`);
      };
      // what is behind a line break in a step for a person is there to be copied
      const [calm, broken] = [await elements('word'), await elements('word\nword')];
      for (const text of [...attacks, ...fc.sample(hostile, { numRuns: 10, seed: 7 })])
        expect(await elements(text), text).toBe(text.includes('\n') ? broken : calm);
    });
  });
});

const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)' autofocus onfocus='alert(1)' x='",
  '</style><script>alert(1)</script><style>',
  '</svg><iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '--></title></textarea><svg onload=alert(1)>',
  'javascript:alert(1)//\u2028${alert(1)}',
  'a'.repeat(4_000),
  '\u{1f418}'.repeat(300),
];

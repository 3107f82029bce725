// `npm run pictures`: what the README shows of the HTML report, of the sample report in fixtures/formats, as Chromium shows it.
// Beside them is the hash of the page that they were made of: test/report/pictures.test.ts says when they are stale.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBrowser } from '../test/lab/browser.ts';
import { hashOf, picturedPage } from '../test/report/pictured.ts';

const pictures = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const shots = [
  { name: 'report', viewport: { width: 920, height: 860 }, colorScheme: 'light', deviceScaleFactor: 1 },
  { name: 'report-phone', viewport: { width: 390, height: 860 }, colorScheme: 'dark', deviceScaleFactor: 1 },
] as const;

const page = picturedPage();
const folder = await mkdtemp(join(tmpdir(), 'standbylint-pictures-'));
// the browser is another user
await chmod(folder, 0o755);
const file = join(folder, 'report.html');
await writeFile(file, page);
const { browser, close } = await openBrowser();
try {
  for (const { name, ...options } of shots) {
    const context = await browser.newContext(options);
    const shown = await context.newPage();
    await shown.goto(`file://${file}`);
    await writeFile(join(pictures, `${name}.png`), await shown.screenshot());
    console.log(`wrote docs/pictures/${name}.png`);
  }
  await writeFile(join(pictures, 'report.sha256'), `${hashOf(page)}\n`);
} finally {
  await close();
  await rm(folder, { recursive: true });
}

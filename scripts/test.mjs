// npm test: everything that the tests need, and then all of them, on every PostgreSQL release of this machine. Arguments go to
// vitest. The servers and standbylint itself never run as root: the laboratory (test/lab) hands over to another user; vitest stays
// root where it was started so, for the few tests that mount a file system or change an owner.
// STANDBYLINT_MATRIX=whole (npm run scenarios): the scenarios alone, all of them, and what they showed goes into
// test/scenarios/proven.json and docs/scenarios.md.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { main, ours, quarters, run, setUp } from './set-up.mjs';

await main(async () => {
  await setUp({ places: ['/opt/postgresql/*/usr/lib/postgresql/*/bin'], browser: true });
  const { folder, node, done } = await quarters();
  const { turn } = await ours('../test/lab/turn.ts');
  process.env.STANDBYLINT_MATRIX = String(turn);
  if (turn !== 'whole') console.log(`Rows of the scenarios: turn ${turn} (STANDBYLINT_MATRIX=${turn} repeats it)`);
  const results = mkdtempSync(join(tmpdir(), 'standbylint-results-'));
  try {
    const file = join(results, 'vitest.json');
    const retried = fileURLToPath(new URL('retried-reporter.mjs', import.meta.url));
    const reporters = ['default', 'json', retried].map((name) => `--reporter=${name}`);
    reporters.push(`--outputFile.json=${file}`);
    const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
    const status = await run(node, [vitest, 'run', ...reporters, ...process.argv.slice(2)], { cwd: folder });
    if (turn === 'whole' && existsSync(file)) await (await ours('./record-scenarios.ts')).recordScenarios(file);
    return summarise(file, status);
  } finally {
    rmSync(results, { recursive: true, force: true });
    done();
  }
});

/** Prints the closing line, and gives the exit status: a run that executed no test is no success. */
function summarise(file, status) {
  const { passed, failed, skipped } = count(file);
  // an error outside of any test (an unhandled rejection, a global set-up) is in no test's result
  const failures = status !== 0 && failed === 0 ? 1 : failed;
  if (passed + failures === 0) console.error('No test was run.');
  console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`);
  return passed + failures === 0 ? 1 : status;
}

function count(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }; // vitest ended before it could write one
  }
  // a file that did not load has no tests in it, and counts as one failure
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

// Takes over what a run of the scenarios has shown, from vitest's JSON: `tsx scripts/record-scenarios.ts FILE`, which
// `npm run scenarios` does by itself. Rows that the run did not play stay as they were.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import type { TaskMeta } from 'vitest';

import { scenariosPage } from '../test/scenarios/page.ts';
import { proofsFile, proofsText, readProofs, withRun } from '../test/scenarios/proven.ts';
import type { Played } from '../test/scenarios/proven.ts';

/** What is used of vitest's JSON report. */
interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      /** Milliseconds. */
      readonly duration?: number;
      readonly failureMessages: readonly string[];
      readonly meta: TaskMeta;
    }[];
  }[];
}

/** Merges a run into proven.json and docs/scenarios.md, and tells where its time went. */
export async function recordScenarios(file: string): Promise<void> {
  const run = played(JSON.parse(await readFile(file, 'utf8')) as Results);
  const proofs = withRun(await readProofs(), run);
  await writeFile(proofsFile, proofsText(proofs));
  await writeFile(fileURLToPath(new URL('../docs/scenarios.md', import.meta.url)), scenariosPage(proofs));
  const bySeconds = run.toSorted((one, other) => other.seconds - one.seconds);
  if (run.length > 0) console.log(`\nThe slowest of ${run.length} scenarios:`);
  for (const { row, release, seconds } of bySeconds.slice(0, 10))
    console.log(`${seconds.toFixed(1).padStart(7)} s  PostgreSQL ${release}  ${row}`);
}

const played = ({ testResults }: Results): readonly Played[] =>
  testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .flatMap(({ status, duration = 0, failureMessages: [message], meta: { scenario } }) =>
      scenario === undefined || (status !== 'passed' && status !== 'failed')
        ? []
        : [{ ...scenario, seconds: duration / 1000, why: status === 'passed' ? undefined : firstLine(message) }],
    );

function firstLine(message = 'it says nothing'): string {
  const [line = ''] = stripVTControlCharacters(message).split('\n');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , file] = process.argv;
  if (file === undefined) throw new Error('Which file?');
  await recordScenarios(file);
}

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { factsFile } from '../../src/recording/facts-file.ts';
import { aStandby } from '../recording/worlds.ts';
import { runStandbylint } from '../lab/standbylint.ts';

it(
  'a file is judged by the configuration here, and without one by that of the look',
  { timeout: 120_000 },
  async () => {
    const [at, elsewhere] = await Promise.all(
      ['a', 'b'].map(async () => {
        const folder = await mkdtemp(join(tmpdir(), 'standbylint-analyze-'));
        onTestFinished(async () => rm(folder, { recursive: true }));
        await chmod(folder, 0o755);
        return folder;
      }),
    );
    const ignored = ['streaming/receiver-settings'];
    const policy = { file: '/there.json', target: 'db2', severity: {}, ignore: ignored, accepted: [], thresholds: {} };
    const file = join(at ?? '', 'a.facts');
    await writeFile(file, factsFile({ ...aStandby(), policy }), { mode: 0o644 });
    const analyzed = async (cwd: string | undefined, ...words: readonly string[]) =>
      (await runStandbylint(['analyze', file, '--format', 'json', ...words], { cwd: cwd ?? '' })).json.configuration;
    expect(await analyzed(elsewhere)).toEqual({ file: '/there.json', target: 'db2', ignored });

    const here = join(elsewhere ?? '', 'standbylint.config.json');
    const targets = { db9: { command: 'postmortem', pgdata: '/srv' } };
    await writeFile(here, JSON.stringify({ ignore: ['primary/end-of-life'], targets }), { mode: 0o644 });
    const own = { file: here, ignored: ['primary/end-of-life'] };
    expect(await analyzed(elsewhere)).toEqual({ ...own, target: 'db2' });
    expect(await analyzed(at, '--config', here, '--target', 'db9')).toEqual({ ...own, target: 'db9' });
  },
);

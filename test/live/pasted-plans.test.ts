import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

import { asUser } from '../../src/throwaway/os-user.ts';
import { aPair } from '../lab/pair.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';

/** Every line goes in, whatever came of the one before; there is no openssl. */
async function pasted(json: StandbylintResult['json'], server: ThrowawayServer): Promise<void> {
  for (const { step } of json.plan.steps) {
    if (step.kind === 'sql') await server.tryPsql(step.text);
    if (step.kind === 'shell' && step.does !== 'check-again')
      await execa('sh', ['-c', `openssl() { return 127; }\n${step.text}`], {
        ...asUser(server.runAs),
        cwd: server.folder,
        env: server.environment,
        extendEnv: false,
        reject: false,
        stdout: 'ignore',
        stderr: 'ignore',
      });
  }
}

describe('steps that are pasted one after another, where the certificate is not made', { timeout: 120_000 }, () => {
  test('leave ssl off on a server that does not offer TLS, which starts again', async () => {
    const primary = await aPrimary();
    const place = await aPlaceForAStandby();
    const words = ['preflight', '--format', 'json', '--admin', primary.admin, ...primary.connection];
    const call = [...words, '-D', place.dataDirectory, '-X', 'stream', '-R', '-c', 'fast'];
    const env = { PGPASSWORD: primary.password, PGSSLMODE: 'require' };
    const { json } = await runStandbylint(call, { on: place, cwd: place.folder, env });
    expect(json.findings[0]?.rule).toBe('tls/not-offered');
    await pasted(json, primary.server);
    await primary.server.restart();
    expect(await primary.server.query('SHOW ssl')).toEqual([{ ssl: 'off' }]);
    expect(await primary.server.logTail()).not.toContain('could not load server certificate');
    // with a certificate, the same steps turn it on, and --fix does what is printed
    await runStandbylint(['preflight', '--fix', '--yes', ...call.slice(3)], {
      on: place,
      cwd: place.folder,
      env,
    });
    expect(await primary.server.query('SHOW ssl')).toEqual([{ ssl: 'on' }]);
  });

  test('leave the TLS files of a standby as they are set', async () => {
    const { standby } = await aPair();
    await standby.stop();
    const auto = join(standby.dataDirectory, 'postgresql.auto.conf');
    await writeFile(
      auto,
      `${await readFile(auto, 'utf8')}ssl = on\nssl_cert_file = '/nowhere/a.crt'\nssl_key_file = '/nowhere/a.key'\n`,
    );
    const before = await readFile(auto, 'utf8');
    const { json } = await runStandbylint(['postmortem', '--format', 'json', '-D', standby.dataDirectory], {
      on: standby,
    });
    expect(json.findings[0]?.rule).toBe('standby/path-missing');
    await pasted(json, standby);
    expect(await readFile(auto, 'utf8')).toBe(before);
  });
});

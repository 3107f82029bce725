import { expect, test } from 'vitest';

import type { AdminRefusal, ConnectionAttempt } from '../../src/facts/connection.ts';
import { recoveryOf } from '../../src/diagnosis/recovery.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import { safe, shell } from '../../src/remedies/remedy.ts';
import { filesMissing } from '../../src/rules/primary/files-missing.ts';
import { controlFileDamaged } from '../../src/rules/standby/control-file-damaged.ts';
import { testRule, world } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import { aRefusedLogin, anAttempt } from './world.ts';
import { at, evidence, fail } from '../../src/findings/judgement.ts';

const refusedWith = (sqlstate: string, message: string, detail?: string): Changes => ({
  replicationLogin: aRefusedLogin(
    anAttempt({
      outcome: {
        kind: 'server-refused',
        error: { sqlstate, message, detail, hint: undefined, routine: undefined },
        refusal: sqlstate === '28000' ? 'role-missing' : 'server-files-missing',
      },
    }),
  ),
});
const emptied = refusedWith('58P01', 'could not open file "global/pg_filenode.map": No such file or directory');

const adminRefused = (change: Partial<ConnectionAttempt> = {}): AdminRefusal => {
  const refusal = 'server-files-missing';
  const error = {
    sqlstate: '3D000',
    message: 'database "postgres" does not exist',
    detail: 'The database subdirectory "base/5" is missing.',
    hint: undefined,
    routine: 'InitPostgres',
  };
  const attempt = anAttempt({ ...change, outcome: { kind: 'server-refused', error, refusal } });
  return { attempt, error, refusal, own: false };
};

testRule(filesMissing, {
  passes: [{ name: '--admin leads to another server', facts: { adminRefusal: adminRefused({ port: 5499 }) } }],
  fails: [
    {
      name: 'the map of the catalogs is gone',
      facts: emptied,
      message: /global\/pg_filenode\.map.*missing or damaged/,
    },
    { name: 'only the database of --admin is gone', facts: { adminRefusal: adminRefused() }, message: /base\/5/ },
    {
      name: 'a file of the status of transactions is gone',
      facts: refusedWith(
        '58P01',
        'could not access status of transaction 750',
        'Could not open file "pg_xact/0000": No such file or directory.',
      ),
      message: /pg_xact\/0000/,
    },
  ],
  notApplicable: [
    { name: 'refused for another reason', facts: refusedWith('28000', 'role "rep" does not exist'), because: /rep/ },
    {
      name: 'no password',
      facts: {
        replicationLogin: aRefusedLogin(
          anAttempt({ outcome: { kind: 'client-stopped', why: 'no-password', message: 'no password' } }),
        ),
      },
    },
  ],
  unexamined: [
    {
      name: 'nothing answers',
      facts: {
        replicationLogin: aRefusedLogin(
          anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
        ),
      },
    },
  ],
});

test('nothing that it prints changes a server, and no new copy is taken from it', () => {
  const lost = judge(filesMissing, world(emptied));
  const damaged = judge(
    {
      ...controlFileDamaged,
      needs: [],
      wants: [],
      judge: () =>
        fail({
          message: 'It is damaged.',
          where: at('standby'),
          evidence: [evidence('a', 'b', 'c')],
          remedy: safe('Copy it anew.', shell('standby', 'pg_basebackup -D /new', 'copy', '/new')),
        }),
    },
    world({}),
  );
  const findings = link([damaged, lost]);
  const recovery = recoveryOf(world(emptied), findings);
  expect(recovery.way).toBe('unknown');
  expect(recovery.steps.map(({ kind, does }) => `${kind} ${does}`)).toEqual(['manual by-hand', 'manual by-hand']);
});

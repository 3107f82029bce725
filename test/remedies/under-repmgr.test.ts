import { describe, expect, it } from 'vitest';

import { notApplicable, seen } from '../../src/facts/observed.ts';
import type { Remedy, Step } from '../../src/findings/report.ts';
import { reload, safe, shell, sql } from '../../src/remedies/remedy.ts';
import { throughManager } from '../../src/remedies/through-manager.ts';
import { aRepmgrNode } from '../rules/manager/managers.ts';
import { aConfiguration, aConninfo, aRunningStandby } from '../rules/standby-world.ts';

const through = (remedy: Remedy, runs = true): readonly string[] =>
  throughManager(remedy, {
    manager: seen(aRepmgrNode({ conninfo: { host: 'db2', hostaddr: '10.0.0.7', port: '5433', user: 'repmgr' } }), 'x'),
    standbyConninfo: seen(aConninfo(), 'x'),
    standbyConfiguration: seen({ ...aConfiguration([]), ownFiles: ['postgresql.conf', 'pg_hba.conf'] }, 'x'),
    runningStandby: runs ? seen(aRunningStandby(), 'x') : notApplicable('down'),
  }).steps.map(({ text }) => text);

const stop = shell('standby', 'pg_ctl stop', 'stop');
const start = shell('standby', 'pg_ctl start', 'start');
const repmgr = 'repmgr -f /etc/repmgr.conf';
const primary = "'host=db1 port=5432 user=repmgr'";
const conninfo = (value: string): Step =>
  sql('standby', `ALTER SYSTEM SET primary_conninfo = '${value}';`, 'set-configuration');

describe('under repmgr', () => {
  it('a base backup is a clone, and the node is registered when it runs', () => {
    const aside = shell('standby', 'mv /data /data.old', 'move-aside');
    expect(through(safe('copy it', stop, aside, shell('standby', 'pg_basebackup', 'copy'), start))).toEqual([
      'pg_ctl stop',
      'mv /data /data.old',
      `${repmgr} -d ${primary} standby clone --fast-checkpoint`,
      'pg_ctl start',
      `${repmgr} standby register --force`,
    ]);
  });

  it('a rewind is a rejoin, which keeps the files of the node', () => {
    const keep = shell('standby', 'tar', 'make-directory');
    expect(through(safe('rewind it', stop, keep, shell('standby', 'pg_rewind', 'rewind'), start))).toEqual([
      'pg_ctl stop',
      `${repmgr} node rejoin -d ${primary} --force-rewind --config-files=postgresql.conf,pg_hba.conf`,
    ]);
  });

  it('another upstream is one that repmgr follows, while there is a server that it can ask', () => {
    const elsewhere = safe('point it there', conninfo('host=db3 user=r'), reload('standby'));
    expect(through(elsewhere)).toEqual([`${repmgr} standby follow`]);
    expect(through(elsewhere, false)).toHaveLength(2);
  });

  it.each([
    ['a login', safe('log in otherwise', conninfo('host=db1 port=5432 user=other'), reload('standby'))],
    ['a setting', safe('set it', sql('primary', "ALTER SYSTEM SET wal_keep_size = '1GB';", 'set-configuration'))],
    ['a start', safe('start it', start)],
    ['a signal file', safe('make it', shell('standby', 'touch /data/standby.signal', 'make-file'))],
  ])('%s is no matter of repmgr', (_, remedy) => {
    expect(through(remedy)).toEqual(remedy.steps.map(({ text }) => text));
  });
});

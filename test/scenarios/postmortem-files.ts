import { expect } from 'vitest';

import { untilStreaming } from '../lab/pair.ts';
import { until } from '../lab/until.ts';
import { untilReplayed } from '../lab/wal.ts';
import { inside, whileDown } from './postmortem-data-directory.ts';
import type { PostmortemScenario } from './postmortem.ts';

/** What a running server needs of its data directory, and does not have: it goes on with what it has in memory. */
export const filePostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'standby/files-lost',
    name: 'the status of its transactions is gone while it runs',
    fault: inside('rm pg_xact/0000'),
  },
  {
    rule: 'standby/files-lost',
    name: 'the status of its transactions was read as zeros and written again',
    fault: async (stage) => {
      await whileDown('rm pg_xact/0000')(stage);
      const { primary, standby } = stage;
      await standby.start();
      await primary.server.psql('CREATE TABLE after_the_loss (n int); CHECKPOINT');
      await until('the file is there again', async () => {
        await standby.psql('CHECKPOINT').catch(() => undefined);
        const { exitCode } = await standby.run('test', ['-s', `${standby.dataDirectory}/pg_xact/0000`]);
        return exitCode === 0 ? true : null;
      });
    },
  },
  {
    rule: 'standby/files-lost',
    name: 'the files of a database are gone while it runs',
    fault: inside('mkdir ../gone && mv base/[1-9]*/[p1-9]* ../gone/ 2>/dev/null; test ! -e base/1/pg_filenode.map'),
  },
  {
    rule: 'standby/files-lost',
    name: 'its control file is gone while it runs',
    from: 15,
    fault: inside('rm global/pg_control'),
  },
  {
    rule: 'standby/files-lost',
    name: 'the newest file of pg_multixact is gone while it streams',
    from: 13,
    fault: inside('rm pg_multixact/offsets/0000'),
  },
  {
    rule: 'standby/stale-pid-file',
    name: 'a stopped backend of a killed server holds its shared memory',
    from: 15,
    fault: inside(
      'child=$(ps -o pid= --ppid "$(head -n 1 postmaster.pid)" -o args= | sed -n "s/^ *\\([0-9]*\\) postgres: .*checkpointer.*/\\1/p"); kill -STOP "$child"; kill -KILL "$(head -n 1 postmaster.pid)"; sleep 2',
    ),
    consequences: ['standby/not-running'],
    way: 'mend',
  },
  {
    rule: 'standby/socket-missing',
    from: 17,
    severity: 'warning',
    verdict: 'unknown',
    fault: inside('rm "$(sed -n 5p postmaster.pid)/.s.PGSQL.$(sed -n 4p postmaster.pid)"'),
    // nothing cleans the directory of this server
    byHand: () => Promise.resolve(),
  },
  {
    rule: 'standby/files-closed',
    name: 'pg_wal may not be written to',
    severity: 'warning',
    fault: inside('chmod 0500 pg_wal'),
  },
  {
    rule: 'standby/files-closed',
    name: 'the directory above the one that pg_wal leads to is closed, and it was started',
    fault: async (stage) => {
      await whileDown('mkdir ../away && mv pg_wal ../away/wal && ln -s "$PWD/../away/wal" pg_wal && chmod 0 ../away')(
        stage,
      );
      await stage.standby.tryStart();
    },
    byHand: async (step, { standby }) => {
      expect(step.asRoot).toMatch(/^chmod u\+x .*away$/u);
      await standby.run('sh', ['-c', step.asRoot ?? 'false']);
    },
    consequences: ['standby/not-running'],
  },
  {
    rule: 'standby/files-closed',
    name: 'its pg_hba.conf may not be read, and it was started',
    fault: async (stage) => {
      await whileDown('chmod 0 pg_hba.conf')(stage);
      await stage.standby.tryStart();
    },
    consequences: ['standby/not-running'],
  },
  {
    rule: 'standby/files-closed',
    name: 'the map of the catalogs may not be read, and no session is let in',
    fault: inside('chmod 0200 global/pg_filenode.map'),
  },
  {
    rule: 'standby/files-closed',
    name: 'the file of ALTER SYSTEM may not be read: its server starts without it, and without primary_conninfo',
    fault: async (stage) => {
      await whileDown('chmod 0 postgresql.auto.conf')(stage);
      await stage.standby.start();
    },
  },
  {
    rule: 'standby/files-closed',
    name: 'the files of two tables may not be read while it streams',
    from: 17,
    severity: 'warning',
    fault: inside('chmod 0 base/1/2619 base/1/2600'),
  },
  {
    rule: 'standby/files-lost',
    name: 'a table that no map names is empty while it runs',
    fault: inside(': > base/1/2619'),
  },
  {
    rule: 'standby/files-lost',
    name: 'a table that was never vacuumed ends early, and it streams',
    fault: async (stage) => {
      const { primary, standby } = stage;
      await primary.server.psql("CREATE TABLE cut AS SELECT n, repeat('x', 200) AS t FROM generate_series(1, 5000) n");
      await primary.server.psql('CHECKPOINT');
      await untilReplayed(primary.server, standby);
      await standby.psql('CHECKPOINT');
      const [row] = await primary.server.query("SELECT pg_relation_filepath('cut') AS path");
      await whileDown(`truncate -s 81920 ${row?.['path']}`)(stage);
      await standby.start();
      await untilStreaming(standby);
    },
    told: async ({ findings }) => expect(findings[0]?.message).toContain('it ends after 81920 bytes'),
  },
  {
    rule: 'standby/files-lost',
    name: 'a shared catalog is empty while it runs',
    from: 18,
    fault: inside(': > global/1260'),
  },
];

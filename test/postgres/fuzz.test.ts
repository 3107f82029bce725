import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseBackupLabel } from '../../src/postgres/backup-label.ts';
import { parseConfigurationText } from '../../src/postgres/configuration-file.ts';
import { parseConninfo } from '../../src/postgres/conninfo.ts';
import { readControlFile } from '../../src/postgres/control-file.ts';
import { parseHbaFile } from '../../src/postgres/hba-file.ts';
import { timelineId } from '../../src/postgres/lsn.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { parsePostmasterOpts, parsePostmasterPid } from '../../src/postgres/postmaster-files.ts';
import { parseTimelineHistory } from '../../src/postgres/timeline-history.ts';
import { present } from '../present.ts';

/** How many files each kind gets: 100,000 in all, in some ten seconds. */
const runs = 11_200;

/** A sample with pieces cut out, doubled, swapped for other letters, or rubbish put in between. */
const mutated = (sample: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.record({
        at: fc.nat({ max: sample.length }),
        length: fc.nat({ max: 12 }),
        put: fc.oneof(
          fc.string({ maxLength: 6, unit: 'binary' }),
          fc.constantFrom('\0', "'", '"', '\\', '\n', '\r\n', '=', '@', '/', '\t', '#', ',', '{', '9'.repeat(40)),
        ),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((edits) =>
      edits.reduce((text, { at, length, put }) => text.slice(0, at) + put + text.slice(at + length), sample),
    );

const kinds: readonly {
  readonly name: string;
  readonly sample: string;
  readonly read: (text: string) => unknown;
}[] = [
  {
    name: 'postgresql.conf',
    sample:
      "# made by initdb\nlisten_addresses = '*'\nport = 5432\nshared_buffers 128MB\nprimary_conninfo = 'host=db1 user=r password=''a b'''\ninclude_dir 'conf.d'\n",
    read: (text) => parseConfigurationText(text).lines.length,
  },
  {
    name: 'pg_hba.conf',
    sample:
      'local all postgres peer\nhost all all 10.0.0.0/8 scram-sha-256\nhostssl "replication",x +group .example.com md5 clientcert=verify-ca\nhost replication /^r.* 10.0.0.0 255.0.0.0 reject\n@other include x\n',
    read: (text) => parseHbaFile({ file: '/pg_hba.conf', text, serverVersion: 18 }).lines.length,
  },
  {
    name: 'a timeline history',
    sample: '1\t0/3000000\tno recovery target specified\n\n2\t0/5000000\tbefore 2026-11-21 20:00:00+00\n',
    read: (text) => parseTimelineHistory(text, present(timelineId(3))).ok,
  },
  {
    name: 'postmaster.pid',
    sample: '4711\n/var/lib/postgresql/15/main\n1763755200\n5432\n/var/run/postgresql\n*\n 5432001 32768\nready   \n',
    read: (text) => parsePostmasterPid(text).ok,
  },
  {
    name: 'postmaster.opts',
    sample: '/usr/lib/postgresql/15/bin/postgres "-D" "/data" "-c" "config_file=/etc/x" "-p" "5433"\n',
    read: (text) => parsePostmasterOpts(text).ok,
  },
  {
    name: 'backup_label',
    sample:
      'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\nBACKUP METHOD: streamed\nBACKUP FROM: primary\nSTART TIME: 2026-11-21 20:00:00 UTC\nLABEL: pg_basebackup base backup\nSTART TIMELINE: 1\n',
    read: (text) => parseBackupLabel(text).ok,
  },
  {
    name: 'a connection string',
    sample: "host=db1,db2 port=5432,5433 user='a b' password='x\\'y' sslmode=verify-full application_name=s1",
    read: (text) => parseConninfo(text).ok,
  },
  {
    name: 'a server log',
    sample:
      '2026-11-21 20:00:00.000 UTC [1] LOG:  starting PostgreSQL 15.18\n2026-11-21 20:00:01.000 UTC [2] FATAL:  could not connect to the primary server: connection to server at "10.0.0.1", port 5432 failed: Connection refused\n\t\tIs the server running on that host?\n2026-11-21 20:00:02.000 UTC [2] DETAIL:  more\n{"timestamp":"x","error_severity":"LOG","message":"y"}\n',
    read: (text) => readLogText(text).length,
  },
];

describe('mutated files end in an answer, soon', () => {
  test.each(kinds)('$name', { timeout: 600_000 }, ({ sample, read }) => {
    fc.assert(
      fc.property(mutated(sample), (text) => {
        const startedAt = performance.now();
        expect(read(text)).toBeDefined();
        expect(performance.now() - startedAt).toBeLessThan(1000);
      }),
      { numRuns: runs },
    );
  });

  test('pg_control: nothing is believed whose checksum does not fit', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 8192 }), (bytes) => {
        expect(readControlFile(bytes).ok).toBe(false);
      }),
      { numRuns: runs },
    );
  });
});

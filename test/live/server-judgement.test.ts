import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { checks } from '../../src/checks/registry.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { Report } from '../../src/findings/report.ts';
import { localHost } from '../../src/hosts/local.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { factsOf, postmortemOf } from '../checks/standby-surroundings.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Release } from '../../src/throwaway/releases.ts';
import { aPlaceForAStandby } from '../lab/primary.ts';
import { releases } from '../lab/releases.ts';
import { newCluster } from '../lab/templates.ts';
import { turn } from '../lab/turn.ts';

/**
 * Settings that a hook of the server judges and no type does (guc_tables.c), each with a value that its hook refuses. `rule`:
 * who knows better.
 */
const spoiled: readonly {
  readonly set: string;
  readonly value: string;
  readonly from?: number;
  readonly rule?: string;
}[] = [
  { set: 'timezone', value: 'Mars/Olympus' },
  { set: 'log_timezone', value: 'Mars/Olympus' },
  { set: 'timezone_abbreviations', value: 'nope' },
  { set: 'DateStyle', value: 'klingon' },
  { set: 'synchronous_standby_names', value: 'FIRST 0 (a)' },
  { set: 'synchronous_standby_names', value: 'ANY x (' },
  { set: 'search_path', value: 'a b c' },
  { set: 'log_destination', value: 'syslog, bogus' },
  { set: 'client_encoding', value: 'bogus' },
  { set: 'wal_consistency_checking', value: 'bogus' },
  { set: 'recovery_target_time', value: 'some day' },
  { set: 'recovery_target_lsn', value: 'here' },
  { set: 'recovery_target', value: 'soon' },
  { set: 'recovery_target_name', value: 'n'.repeat(80) },
  { set: 'default_table_access_method', value: '' },
  { set: 'max_stack_depth', value: '1TB' },
  { set: 'lc_messages', value: 'xx_YY.UTF-8', rule: 'standby/locale-missing' },
  { set: 'lc_monetary', value: 'xx_YY.UTF-8', rule: 'standby/locale-missing' },
  { set: 'lc_numeric', value: 'xx_YY.UTF-8', rule: 'standby/locale-missing' },
  { set: 'lc_time', value: 'xx_YY.UTF-8', rule: 'standby/locale-missing' },
  { set: 'backtrace_functions', value: 'a;b' },
  { set: 'bonjour', value: 'on' },
  { set: 'default_with_oids', value: 'on' },
  { set: 'primary_slot_name', value: 'Not A Slot', rule: 'slot/invalid-name' },
  { set: 'recovery_target_timeline', value: '9'.repeat(30) },
  { set: 'recovery_target_timeline', value: 'newest', rule: 'recovery/timeline-not-latest' },
  { set: 'recovery_target_xid', value: '9'.repeat(30) },
  { set: 'temp_tablespaces', value: 'a b c' },
  { set: 'vacuum_buffer_usage_limit', value: '64kB', from: 16 },
  { set: 'commit_timestamp_buffers', value: '17', from: 17 },
  { set: 'multixact_offset_buffers', value: '17', from: 17 },
  { set: 'notify_buffers', value: '17', from: 17 },
  { set: 'serializable_buffers', value: '17', from: 17 },
  { set: 'subtransaction_buffers', value: '17', from: 17 },
  { set: 'transaction_buffers', value: '17', from: 17 },
  { set: 'createrole_self_grant', value: 'bogus', from: 16 },
  { set: 'debug_io_direct', value: 'bogus', from: 16 },
  { set: 'restrict_nonsystem_relation_kind', value: 'bogus', from: 17 },
  { set: 'synchronized_standby_slots', value: 'a b c', from: 17 },
  { set: 'multixact_member_buffers', value: '17', from: 17 },
  { set: 'log_connections', value: 'bogus', from: 18 },
  { set: 'io_max_concurrency', value: '0', from: 18 },
];

const mine = releases.filter(({ major }) => major === 15 || major === 18);
const chosen = mine.filter((_, index) => turn === 'whole' || index === turn % 2);

test.each(chosen)(
  'PostgreSQL $major: a value that a hook refuses is named with its place, first',
  { timeout: 120_000 },
  async (release) => {
    const standby = await aStoppedStandby(release);
    const file = join(standby.dataDirectory, 'postgresql.conf');
    const intact = await readFile(file, 'utf8');
    const wrong: string[] = [];
    for (const { set, value, from = 0, rule = 'standby/config-file-error' } of spoiled) {
      if (release.major < from) continue;
      await writeFile(file, `${intact}${set} = '${value}'\n`);
      const line = intact.split('\n').length;
      const [first] = (await examined(standby)).findings;
      const told = JSON.stringify(first?.evidence) + first?.message;
      const { file: path, line: at } = first?.where ?? {};
      const names = told.toLowerCase().includes(set.toLowerCase()) || told.includes(value);
      if (first?.rule !== rule || path !== file || at !== line || !names)
        wrong.push(`${set} = ${value}: ${first?.rule} ${path}:${at} ${first?.message}`);
    }
    expect(wrong).toEqual([]);
  },
);

test.each(chosen)(
  'PostgreSQL $major: to be asked changes nothing, and leaves nothing behind',
  { timeout: 60_000 },
  async (release) => {
    const standby = await aStoppedStandby(release);
    await standby.configure({ shared_preload_libraries: 'pg_stat_statements', timezone: 'UTC' });
    await writeFile(join(standby.dataDirectory, 'postmaster.pid'), '1\n/elsewhere\n');
    const before = await fingerprint(standby);
    const folder = join(standby.folder, 'scratch');
    await standby.run('mkdir', [folder]);
    vi.stubEnv('TMPDIR', folder);
    const { serverJudgement } = await factsOf(postmortemOf(standby.dataDirectory), ['serverJudgement']);
    expect(serverJudgement).toMatchObject({
      status: 'seen',
      value: { refused: [], sharedMemory: { bytes: expect.any(Number) } },
    });
    expect(await fingerprint(standby)).toBe(before);
    expect(await readdir(folder)).toEqual([]);
    vi.unstubAllEnvs();
  },
);

async function aStoppedStandby(release: Release): Promise<ThrowawayServer> {
  const standby = await aPlaceForAStandby({ release });
  await newCluster(standby);
  await standby.listenLocally();
  await standby.run('touch', [join(standby.dataDirectory, 'standby.signal')]);
  // nothing else is wrong with it: its WAL comes from an archive
  await standby.configure({ restore_command: `cp ${standby.folder}/%f %p` });
  // as its last start left it: which program is its own, wherever that lies
  const start = `${standby.programPath('postgres')} "-D" "${standby.dataDirectory}"`;
  const opts = join(standby.dataDirectory, 'postmaster.opts');
  await standby.run('sh', ['-c', 'printf "%s\\n" "$1" > "$2"', 'sh', start, opts]);
  return standby;
}

async function examined(standby: ThrowawayServer): Promise<Report> {
  const surroundings = postmortemOf(standby.dataDirectory, localHost());
  const { report } = await diagnose(catalogue, checks, surroundings, { version: 'test', acceptUnexamined: [] });
  return report;
}

/** Names, sizes, times and contents of all that is there. */
async function fingerprint(standby: ThrowawayServer): Promise<string> {
  const script = 'find . -printf "%p %s %T@ %C@ %m %U\\n" | sort; find . -type f | sort | xargs md5sum';
  const { stdout } = await standby.run('sh', ['-c', `cd "$1" && { ${script}; }`, 'sh', standby.dataDirectory]);
  return createHash('sha256').update(stdout).digest('hex');
}

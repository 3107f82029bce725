import { ifSeen } from '../../facts/observed.ts';
import { integerOf, textOf } from '../../facts/settings.ts';
import { changeAndRestart, valueInFiles } from '../../remedies/change-setting.ts';
import { at, disruptive } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { connectionsNeeded } from './connections-needed.ts';

export const walLevelMinimal = defineRule({
  id: 'primary/wal-level-minimal',
  title: 'wal_level is minimal: the WAL of this server cannot feed a standby',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'baseBackup', 'fileSettings', 'primaryControl'],
  explains: ['primary/no-wal-senders', 'primary/wal-senders-exhausted', ...notStreaming],
  says: [
    'WAL level not sufficient for making an online backup',
    'WAL was generated with "wal_level=minimal", cannot continue recovering',
    'WAL streaming ("max_wal_senders" > 0) requires "wal_level" to be "replica" or "logical"',
  ],
  docs: {
    what: 'Fails when the primary runs with `wal_level = minimal`.',
    why: 'With `minimal` the server leaves out of the WAL what it does not need for its own crash recovery. A standby that replays it would miss data, so the server refuses base backups and replication.',
    notes:
      'A server with `wal_level = minimal` starts only with `max_wal_senders = 0`, so that both have to be changed together.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-WAL-LEVEL'],
  },
  judge({ primarySettings: settings, primary, baseBackup, fileSettings, primaryControl }) {
    const level = textOf(settings, 'wal_level');
    if (level === undefined)
      return unexamined({ kind: 'permission', because: 'wal_level: the server does not show it' });
    if (level !== 'minimal') return pass(`wal_level is ${level}`);
    const seen = {
      primarySettings: { status: 'seen', value: settings, source: '' } as const,
      fileSettings,
      primaryControl,
    };
    // a restart with wal_level alone would leave max_wal_senders = 0 behind
    const senders = Number(
      valueInFiles(fileSettings, 'max_wal_senders') ?? integerOf(settings, 'max_wal_senders') ?? 0,
    );
    const enough = senders >= connectionsNeeded(baseBackup);
    const inFile = valueInFiles(fileSettings, 'wal_level');
    const waits = inFile === 'replica' || inFile === 'logical';
    return fail({
      message: waits
        ? `The primary still runs with wal_level = minimal; its files already say ${inFile}, which takes effect at a restart.`
        : 'The primary runs with wal_level = minimal, so its WAL lacks what a standby needs: it allows neither a base backup nor replication.',
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('wal_level', 'minimal', 'pg_settings')],
      remedy: disruptive(
        waits ? 'Restart the server.' : 'Raise wal_level and restart the server.',
        ...changeAndRestart(seen, {
          wal_level: waits ? inFile : 'replica',
          ...(enough ? {} : { max_wal_senders: '10' }),
        }),
      ),
    });
  },
});

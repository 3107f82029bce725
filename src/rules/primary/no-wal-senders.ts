import { ifSeen } from '../../facts/observed.ts';
import { changeAndRestart, valueAtRestart } from '../../remedies/change-setting.ts';
import { disruptive, sql } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { raiseStandbyFirst, standbyFirstFacts } from '../../remedies/raise-standby-first.ts';
import { connectionsNeeded, walSendersAllowed } from '../../derived/connections-needed.ts';

export const noWalSenders = defineRule({
  id: 'primary/no-wal-senders',
  title: 'max_wal_senders is 0: the primary allows no replication connection',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: [
    'primarySettings',
    'replicationLogin',
    'primary',
    'baseBackup',
    'fileSettings',
    'primaryControl',
    ...standbyFirstFacts,
  ],
  explains: [...notStreaming],
  says: ['number of requested standby connections exceeds "max_wal_senders" (currently 0)'],
  docs: {
    what: 'Fails if `max_wal_senders` is 0, according to pg_settings or the error message of the login.',
    why: 'A WAL sender serves each base backup and each standby. If none is allowed, the server refuses every replication connection.',
    notes:
      'Every standby must have at least the value of its primary. If standbys already exist, raise their values before you restart the primary.',
    references: [
      'max_wal_senders: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-MAX-WAL-SENDERS',
      'src/backend/storage/lmgr/proc.c: InitProcess()',
    ],
  },
  judge(facts) {
    const { primarySettings, replicationLogin, primary, baseBackup, fileSettings, primaryControl } = facts;
    const allowed = walSendersAllowed(primarySettings, replicationLogin);
    if (!allowed.known) return unexamined(allowed.why);
    if (allowed.count > 0) return pass(`max_wal_senders is ${allowed.count} (${allowed.source})`);
    const inFile = valueAtRestart(fileSettings, ifSeen(primarySettings), 'max_wal_senders');
    const waits = inFile !== undefined && Number(inFile) >= connectionsNeeded(baseBackup);
    return fail({
      message: waits
        ? `The primary still runs with max_wal_senders = 0. Its configuration files already say ${inFile}, which takes effect at a restart.`
        : 'The primary runs with max_wal_senders = 0 and refuses every replication connection, both for base backups and for standbys.',
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('max_wal_senders', '0', allowed.source)],
      remedy: disruptive(
        waits ? 'Restart the server.' : 'Allow WAL senders (the default is 10), and restart the server.',
        ...raiseStandbyFirst(facts, waits ? Number(inFile) : 10),
        ...(primarySettings.status === 'seen' ? [] : [unlessMinimal]),
        ...changeAndRestart(
          { primarySettings, fileSettings, primaryControl },
          { max_wal_senders: waits ? inFile : '10' },
        ),
      ),
    });
  },
});

/** With wal_level = minimal a server with WAL senders does not start; where the level is not seen, psql looks first. */
const unlessMinimal = sql(
  'primary',
  "SELECT 'ALTER SYSTEM SET wal_level = replica' WHERE current_setting('wal_level') = 'minimal' \\gexec",
  'set-configuration',
);

import { ifSeen } from '../../facts/observed.ts';
import type { Unseen } from '../../facts/observed.ts';
import type { WalSender } from '../../facts/primary.ts';
import { changeAndRestart, valueAtRestart } from '../../remedies/change-setting.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { raiseStandbyFirst, standbyFirstFacts } from '../../remedies/raise-standby-first.ts';
import {
  connectionsNeeded,
  hasItsConnection,
  refusedFor,
  sendersOfOthers,
  walSendersAllowed,
  withOneToLook,
} from '../../derived/connections-needed.ts';

export const walSendersExhausted = defineRule({
  id: 'primary/wal-senders-exhausted',
  title: 'The primary has too few free WAL senders',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: [
    'primarySettings',
    'replicationLogin',
    'walSenders',
    'primary',
    'baseBackup',
    'fileSettings',
    'primaryControl',
    ...standbyFirstFacts,
  ],
  explains: [...notStreaming],
  messages: ['too-many-walsenders'],
  docs: {
    what: 'Logs in for replication as pg_basebackup does, twice for `-X stream`, and lists the WAL senders in use. Fails if fewer are free than needed.',
    why: '`pg_basebackup -X stream` opens two replication connections at once: one copies the files, the other receives the WAL written at the same time. Therefore `max_wal_senders = 1` is not enough.',
    notes:
      'Every standby must have at least the value of its primary. If standbys already exist, raise their values before you restart the primary.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'max_wal_senders: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-MAX-WAL-SENDERS',
      'src/backend/storage/lmgr/proc.c: InitProcess()',
    ],
  },
  judge(facts) {
    const { primarySettings, replicationLogin, walSenders, primary, baseBackup, fileSettings, primaryControl } = facts;
    const needed = connectionsNeeded(baseBackup);
    const allowed = walSendersAllowed(primarySettings, replicationLogin);
    if (allowed.known && allowed.count === 0) return notApplicable('max_wal_senders is 0, see primary/no-wal-senders');
    const outcome = ifSeen(replicationLogin)?.outcome;
    const refusal = refusedFor(replicationLogin);
    const fit = outcome?.accepted === true && (needed === 1 || outcome.session.second?.accepted === true);
    if (fit)
      return pass(
        `the primary accepted ${needed === 1 ? 'the connection' : 'both connections that the base backup needs'}`,
      );
    const holders = walSenders.status === 'seen' ? sendersOfOthers(walSenders.value) : undefined;
    if (refusal !== undefined && hasItsConnection(facts.runningStandby))
      return pass('the standby is streaming, so it has its WAL sender');
    if (!allowed.known) return refusal === undefined ? unexamined(allowed.why) : unknownCount();
    if (refusal === undefined) {
      if (holders === undefined)
        return walSenders.status === 'unseen'
          ? unexamined(walSenders.why)
          : notApplicable('the WAL senders in use are not known');
      if (allowed.count - holders.length >= needed)
        return pass(`${allowed.count - holders.length} of ${allowed.count} WAL senders are free, ${needed} needed`);
    } else if (holders !== undefined && allowed.count - holders.length >= needed) return unexamined(inUseForAMoment);
    const held = holders?.length ?? allowed.count;
    const wanted = Math.max(held + (facts.dataDirectory.status === 'seen' ? withOneToLook : needed), allowed.count + 1);
    const inFile = valueAtRestart(fileSettings, ifSeen(primarySettings), 'max_wal_senders');
    const waits = inFile !== undefined && Number(inFile) >= wanted;
    const free = Math.max(0, allowed.count - held);
    return fail({
      title: `Only ${free} of ${allowed.count} WAL senders are free, but ${needed} are needed`,
      message: `${needed === 2 ? 'pg_basebackup -X stream opens two replication connections at once' : 'A replication connection needs a WAL sender'}; max_wal_senders is ${allowed.count}${heldBy(holders)}.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('max_wal_senders', String(allowed.count), allowed.source),
        ...(refusal === undefined ? [] : [evidence('the server says', refusal, 'the replication login')]),
        ...(holders ?? []).map((sender) => evidence('WAL sender', inWords(sender), 'pg_stat_replication')),
      ],
      remedy: disruptive(
        waits
          ? `Restart the server: its configuration files already allow ${inFile}.`
          : `Allow ${wanted} WAL senders, and restart the server.`,
        ...raiseStandbyFirst(facts, waits ? Number(inFile) : wanted),
        ...changeAndRestart(
          { primarySettings, fileSettings, primaryControl },
          { max_wal_senders: waits ? inFile : String(wanted) },
        ),
      ),
    });

    function unknownCount() {
      return fail({
        message: `The primary has no free WAL sender: ${refusal}.`,
        where: at('primary', ifSeen(primary)?.name),
        evidence: [evidence('the server says', refusal ?? '', 'the replication login')],
        remedy: disruptive(
          'Allow more WAL senders (the default is 10), and restart the server.',
          ...raiseStandbyFirst(facts, 10),
          ...changeAndRestart({ primarySettings, fileSettings, primaryControl }, { max_wal_senders: '10' }),
        ),
      });
    }
  },
});

const inUseForAMoment: Unseen = {
  kind: 'connection',
  because:
    'the primary had no free WAL sender for a moment, but the ones in use leave enough: other checks may have held them',
  remedy: 'run this again',
};

function heldBy(holders: readonly WalSender[] | undefined): string {
  if (holders === undefined) return '';
  if (holders.length === 0) return ', and none is in use';
  const named = holders.slice(0, 5).map(inWords).join('; ');
  const more = holders.length > 5 ? `; and ${holders.length - 5} more` : '';
  return `, and ${holders.length === 1 ? 'one is in use' : `${holders.length} are in use`}: ${named}${more}`;
}

function inWords({ pid, user, applicationName, address, state }: WalSender): string {
  const parts = [
    applicationName === undefined || applicationName === '' ? undefined : applicationName,
    user === undefined ? undefined : `as ${user}`,
    address === undefined ? undefined : `from ${address}`,
    state,
  ].filter((part) => part !== undefined);
  return `process ${pid}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

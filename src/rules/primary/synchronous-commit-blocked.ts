import { isWalReceiverProgram } from '../../postgres/wal-receivers.ts';
import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import {
  formatSynchronousStandbyNames,
  isSynchronous,
  parseSynchronousStandbyNames,
} from '../../postgres/synchronous-standby-names.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const synchronousCommitBlocked = defineRule({
  id: 'primary/synchronous-commit-blocked',
  title: 'Commits on the primary wait for a missing synchronous standby',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['walSenders', 'primary', 'fileSettings', 'primaryControl'],
  messages: ['syncrep-wait-canceled-user', 'syncrep-wait-canceled-terminate'],
  docs: {
    what: 'Fails if `synchronous_standby_names` requires more standbys than are connected under those names.',
    why: 'The commit of every writing transaction waits until enough of the named standbys have confirmed it. While they are not connected it waits forever: applications hang, and so does the creation of the replication role.',
    notes:
      'A name is compared with the application_name of the standby, ignoring case. Changing the setting works even now: ALTER SYSTEM does not wait for a standby.',
    references: [
      'synchronous_standby_names: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES',
      'src/backend/replication/syncrep.c: SyncRepWaitForLSN()',
    ],
  },
  judge({ primarySettings: settings, walSenders, primary, fileSettings, primaryControl }) {
    const text = textOf(settings, 'synchronous_standby_names');
    if (text === undefined)
      return unexamined({
        kind: 'permission',
        because: 'synchronous_standby_names: the server does not show this setting',
      });
    if (ifSeen(primary)?.inRecovery === true)
      return notApplicable('this server is itself a standby and has no commits');
    const wanted = parseSynchronousStandbyNames(text);
    if (wanted === undefined) return pass('synchronous_standby_names is empty: commits do not wait for a standby');
    const commit = textOf(settings, 'synchronous_commit');
    if (commit === 'off' || commit === 'local')
      return pass(`synchronous_commit is ${commit}: commits do not wait for a standby`);
    if (walSenders.status === 'unseen') return unexamined(walSenders.why);
    if (walSenders.status === 'not-applicable') return notApplicable(walSenders.why);
    // a base backup and a standby that still catches up confirm nothing (syncrep.c, SyncRepGetCandidateStandbys)
    const present = walSenders.value.filter(
      ({ applicationName, state, syncState }) =>
        applicationName !== undefined &&
        (isSynchronous(wanted, applicationName) || counted.has(syncState ?? '')) &&
        (state === undefined || state === 'streaming') &&
        !isTool(applicationName),
    );
    const names = present.map(({ applicationName }) => applicationName ?? '');
    if (names.length >= wanted.count)
      return pass(
        `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} connected, and commits wait for ${wanted.count} (pg_stat_replication)`,
      );
    const missing = wanted.names.filter((name) => !names.some((one) => one.toLowerCase() === name.toLowerCase()));
    const reduced = names.length === 0 ? '' : formatSynchronousStandbyNames({ ...wanted, count: names.length });
    const programs = missing.filter(isWalReceiverProgram);
    const who = missing.includes('*') ? 'no standby' : missing.join(', ');
    return fail({
      title: `Commits on the primary hang: they wait for ${who} (${names.length} of ${wanted.count} connected)`.replace(
        'wait for no standby',
        'wait for any standby',
      ),
      message: `synchronous_standby_names is ${text}: each commit waits for ${wanted.count} of these standbys, and ${names.length === 0 ? 'none' : names.join(', ')} ${names.length > 1 ? 'are' : 'is'} connected. Writing transactions cannot finish, not even CREATE ROLE or ALTER ROLE.${programs.length === 0 ? '' : ` ${programs.join(', ')} is no standby, but a program that receives WAL for an archive (pg_receivewal, or the one of Barman): it does not run, or cannot connect.`}`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('synchronous_standby_names', text, 'pg_settings'),
        evidence('connected under these names', names.length === 0 ? 'none' : names.join(', '), walSenders.source),
      ],
      remedy: safe(
        programs.length > 0
          ? 'Start the program that receives the WAL. Until it runs again, commits need not wait for it; restore the setting afterwards.'
          : names.length === 0
            ? 'Stop waiting for standbys until the standby is streaming; then restore the setting.'
            : 'Wait only for the connected standbys until the others are streaming again.',
        ...(programs.length === 0
          ? []
          : [
              manual(
                'primary',
                programs.some((name) => name.toLowerCase().startsWith('barman'))
                  ? 'On the machine of Barman, as its user: barman cron starts receive-wal again, and barman check SERVER says what keeps it from that.'
                  : 'On the machine that keeps the archive: start pg_receivewal again, with the options that it was started with.',
              ),
            ]),
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { synchronous_standby_names: reduced },
        ),
      ),
    });
  },
});

/** The primary itself has found the name in its list: of one that it keeps, the view shows 63 bytes. */
const counted: ReadonlySet<string> = new Set(['sync', 'potential', 'quorum']);

/** pg_basebackup's own WAL connection streams under its name, and never confirms what it has flushed as a standby does. */
const isTool = (applicationName: string): boolean =>
  applicationName === 'pg_basebackup' || applicationName === 'standbylint';

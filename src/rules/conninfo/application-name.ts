import { isWalReceiverProgram } from '../../postgres/wal-receivers.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { nameAsSet } from '../../postgres/name-as-seen.ts';
import {
  formatSynchronousStandbyNames,
  isSynchronous,
  parseSynchronousStandbyNames,
} from '../../postgres/synchronous-standby-names.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { connectWith } from '../../remedies/connecting.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';

export const applicationName = defineRule({
  id: 'conninfo/application-name',
  title: 'synchronous_standby_names on the primary expects another name',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'primarySettings', 'dataDirectory', 'now'],
  wants: ['walSenders', 'fileSettings', 'primaryControl', 'standbyControl', 'runningStandby', 'baseBackup'],
  explains: ['primary/synchronous-commit-blocked'],
  docs: {
    what: 'Compares the name that the standby reports (application_name in primary_conninfo, else its cluster_name, else `walreceiver`) with synchronous_standby_names on the primary.',
    why: 'A standby whose name is not in the list is never synchronous, and commits wait for a standby that does not exist.',
    notes:
      'It is an error if commits on the primary are waiting for that name. Case does not matter, and `*` matches every name. A list is reported only if no connected standby has one of its names: if other standbys have those names, this one is asynchronous on purpose.',
    references: [
      'synchronous_standby_names: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES',
      'src/backend/replication/syncrep.c: SyncRepGetStandbyPriority()',
    ],
  },
  judge(facts) {
    const {
      standbyConninfo: conninfo,
      primarySettings,
      walSenders,
      dataDirectory,
      fileSettings,
      primaryControl,
    } = facts;
    if (conninfo.text === undefined) return notApplicable('primary_conninfo is not set');
    const text = textOf(primarySettings, 'synchronous_standby_names') ?? '';
    const list = parseSynchronousStandbyNames(text);
    if (list === undefined || list.names.length === 0)
      return notApplicable('the primary waits for no standby (synchronous_standby_names is empty)');
    const compared = conninfo.comparedAs ?? conninfo.reportsAs;
    if (list.names.some((name) => is(name, compared)))
      return pass(`this standby reports as ${conninfo.reportsAs}, which is in synchronous_standby_names`);
    const senders = ifSeen(walSenders);
    if (senders === undefined) return notApplicable('the list of connected standbys is not visible');
    const absent = list.names.filter(
      (name) => !senders.some(({ applicationName: other }) => other !== undefined && is(name, other)),
    );
    const [expected] = absent;
    if (expected !== undefined && isWalReceiverProgram(expected))
      return pass(
        `${expected} in synchronous_standby_names is a program that receives WAL for an archive, and no standby`,
      );
    if (expected === undefined || absent.length > 1)
      return pass(
        expected === undefined
          ? 'the names in synchronous_standby_names belong to other connected standbys'
          : `this standby reports as ${conninfo.reportsAs}; it is not known which of ${absent.join(', ')} it should be`,
      );
    const present = senders.filter(({ applicationName: other }) => other !== undefined && isSynchronous(list, other));
    const commit = textOf(primarySettings, 'synchronous_commit');
    const hangs = present.length < list.count && commit !== 'off' && commit !== 'local';
    const major = dataDirectory.major ?? 13;
    // a server keeps no such name, whatever application_name says
    const impossible = nameAsSet(expected, major) !== expected;
    return fail({
      severity: hangs ? 'error' : 'warning',
      message: `The primary's synchronous_standby_names expects ${expected}, but no standby with that name is connected, and this one reports as ${conninfo.reportsAs}: it will not be synchronous${hangs ? ', and every commit on the primary waits' : ''}.`,
      where: whereItStands(conninfo),
      evidence: [
        evidence('synchronous_standby_names', text, 'the primary'),
        evidence(
          'this standby reports as',
          conninfo.reportsAs,
          conninfo.applicationName === undefined ? 'cluster_name' : placeOf(conninfo),
        ),
      ],
      remedy: impossible
        ? safe(
            `No standby can have the name ${expected}: a server keeps only 63 bytes of printable ASCII. Add the name of this standby to the list instead.`,
            ...changeAndReload(
              { primarySettings: seen(primarySettings, 'pg_settings'), fileSettings, primaryControl },
              {
                synchronous_standby_names: formatSynchronousStandbyNames({
                  ...list,
                  names: list.names.map((name) => (name === expected ? compared : name)),
                }),
              },
            ),
          )
        : safe(
            'Give this standby the expected name.',
            ...connectWith(
              {
                ...facts,
                standbyConninfo: seen(conninfo, placeOf(conninfo)),
                dataDirectory: seen(dataDirectory, dataDirectory.path),
              },
              { application_name: expected },
              {},
            ),
          ),
    });
  },
});

/** syncrep.c, SyncRepGetStandbyPriority: pg_strcasecmp, or the star. */
const is = (name: string, other: string): boolean => name === '*' || name.toLowerCase() === other.toLowerCase();

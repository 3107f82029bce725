import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { noStandby } from '../../derived/role-now.ts';
import { parseSynchronousStandbyNames } from '../../postgres/synchronous-standby-names.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { nameOf, ourSender } from '../../derived/our-sender.ts';

export const nameNotUnique = defineRule({
  id: 'streaming/name-not-unique',
  title: 'Several standbys use the same application_name',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby', 'standbyConninfo'],
  wants: ['walSenders', 'slots', 'primarySettings', 'primary'],
  docs: {
    what: 'Warns when the primary lists two or more standbys with the application_name of this one.',
    why: 'synchronous_standby_names and most monitoring identify standbys by that name: a synchronous commit may wait for the wrong one, and it is not clear which of them is behind.',
    notes: 'Asynchronous standbys that share the default name, walreceiver, are not reported.',
    references: [
      'synchronous_standby_names: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES',
    ],
  },
  judge(facts) {
    const { runningStandby: server, standbyConninfo: conninfo, primary, primarySettings } = facts;
    if (!server.inRecovery) return notApplicable(noStandby);
    const found = ourSender(server, {
      ...facts,
      standbyConninfo: { status: 'seen', value: conninfo, source: '' },
    });
    if (found.kind === 'unseen') return unexamined(found.why);
    const name = nameOf(server, conninfo);
    const senders = (ifSeen(facts.walSenders) ?? []).filter((one) => one.applicationName === name);
    if (senders.length < 2)
      return found.kind === 'absent'
        ? notApplicable('the primary does not list this standby')
        : pass(`the primary lists one standby as ${name} (pg_stat_replication)`);
    const settings = ifSeen(primarySettings);
    const synchronous = settings === undefined ? '' : (textOf(settings, 'synchronous_standby_names') ?? '');
    // by * every standby counts, whatever its name is
    const byName = parseSynchronousStandbyNames(synchronous)?.names.some((one) => one !== '*') ?? synchronous !== '';
    if ((name === 'walreceiver' || name === '') && !byName)
      return pass(
        `${senders.length} standbys have the default name ${name === '' ? '(empty)' : name}, and synchronous_standby_names does not use it`,
      );
    const addresses = senders.map(({ address, pid }) => `${address ?? 'its socket'} (process ${pid})`).join(', ');
    return fail({
      title: `${senders.length} standbys use the name ${name === '' ? 'nothing (no name)' : name}`,
      message: `The primary lists ${senders.length} standbys as ${name === '' ? '(no name)' : name}: from ${addresses}. They cannot be told apart by name${synchronous === '' ? '' : `, and synchronous_standby_names is '${synchronous}'`}.`,
      where: at('standby', undefined, conninfo.file, conninfo.line),
      evidence: [
        evidence('standbys with that name', addresses, 'pg_stat_replication'),
        ...(synchronous === ''
          ? []
          : [evidence('synchronous_standby_names', synchronous, ifSeen(primary)?.name ?? 'the primary')]),
      ],
      remedy: safe(
        'Give each of them its own name.',
        manual(
          'standby',
          `Add application_name=NAME, with a different name on each standby, to primary_conninfo${conninfo.file === undefined ? '' : ` (line ${conninfo.line ?? 1} of ${conninfo.file})`}, and reload: SELECT pg_reload_conf();`,
        ),
      ),
    });
  },
});

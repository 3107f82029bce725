import type { ManagerLog, Patroni } from '../facts/manager.ts';
import type { Fault } from '../findings/judgement.ts';
import { at, evidence } from '../findings/judgement.ts';
import type { Step } from '../findings/report.ts';
import type { ManagerWord } from '../postgres/manager-log/last-words.ts';
import type { managerWords } from '../postgres/manager-log/words.ts';
import { manual, safe } from './remedy.ts';
import { startOf } from './under-patroni.ts';

/**
 * Patroni makes the data directory of a member, as a copy of the leader (patroni: ha.py, bootstrap), and takes away what a
 * copy that failed has left: that there is none says only that it has not come that far. What keeps it from it is in its log.
 */
export function copiedByPatroni(
  { path, is }: { readonly path: string; readonly is: string },
  manager: Patroni,
  log: ManagerLog | undefined,
): Fault {
  const word = log?.words.at(-1);
  const config = manager.configFile ?? 'the configuration file of Patroni';
  const cause = word === undefined ? undefined : causeOf(word, config);
  const name = manager.member === undefined ? '' : `, as member ${manager.member} of ${manager.cluster}`;
  return {
    title: 'Patroni has not copied the leader yet',
    message: `${path} ${is}. Patroni makes it${name}, by a base backup of the leader${word === undefined ? (manager.runs ? '' : ', but it is not running') : `, but it ${manager.runs ? '' : 'is not running, and '}says: ${word.text.replace(/\.$/u, '')}`}.`,
    where: at('standby', undefined, path),
    evidence: [
      evidence('data_dir', path, config),
      evidence('Patroni', manager.runs ? 'runs' : 'does not run', 'the processes of this machine'),
    ],
    remedy: safe(
      cause === undefined && manager.runs
        ? 'Find out what keeps Patroni from making the base backup.'
        : 'Let Patroni make the base backup.',
      ...(cause === undefined ? [] : [manual('standby', cause)]),
      ...(manager.runs ? runningOn(manager, cause) : startOf(manager)),
    ),
  };
}

function runningOn(manager: Patroni, cause: string | undefined): readonly Step[] {
  const unit = 'systemctl restart patroni as root';
  return cause === undefined
    ? [
        manual(
          'standby',
          `Read what it and pg_basebackup print (journalctl -u patroni, or where its output goes), and whether the cluster has a leader: patronictl -c ${manager.configFile ?? 'FILE'} list.`,
        ),
      ]
    : [manual('standby', `Then restart Patroni: ${unit}, or end it and start it as its user.`)];
}

/** What is to be changed, by what it has said last; undefined where that does not decide it. */
function causeOf({ id, text }: ManagerWord, config: string): string | undefined {
  if (/password authentication failed|no password supplied/u.test(text))
    return `Correct postgresql.authentication.replication in ${config}: user name and password have to be those of the role on the leader, as on the other members.`;
  if (/no pg_hba\.conf entry/u.test(text))
    return 'Let this member in: patronictl edit-config, an entry in postgresql.pg_hba for the role and the address that are named there.';
  return new Map<string, (config: string) => string>(Object.entries(causes)).get(id)?.(config);
}

const causes: Partial<Record<keyof typeof managerWords, (config: string) => string>> = {
  'patroni-same-name': (config) =>
    `Give this member a name of its own in ${config} (name:). If an earlier Patroni of this member is still running (pgrep -af patroni), end that one instead.`,
  'patroni-rest-taken': (config) =>
    `End the program that has the address of restapi.listen (ss -ltnp shows it; it may be an earlier Patroni), or give another one in ${config}.`,
  'patroni-dcs': (config) =>
    `Make the configuration store reachable: check in ${config} that the host and port of its section (etcd3, etcd, consul, …) are those of the other members, and that the store is running.`,
};

import type { AutoFailover } from '../facts/manager.ts';
import type { Step } from '../findings/report.ts';
import { assignedSettings, isOfReplication } from './assigned-setting.ts';
import { isBesideManager } from './beside-manager.ts';
import { shellWord } from './quoting.ts';
import { manual } from './remedy.ts';
import type { Way } from './remedy.ts';

/**
 * pg_autoctl starts the server, and writes primary_conninfo and standby.signal when it starts itself
 * (postgresql-auto-failover-standby.conf); other settings and pg_hba.conf are whoever's who edits them.
 */
export function throughAutoFailover<T extends Way>(way: T, manager: AutoFailover): T {
  const { directory, runs } = manager;
  if (way.steps.some(isOfList) && way.steps.every(({ on }) => on !== 'standby'))
    return {
      ...way,
      summary: 'leave the list of synchronous standbys to pg_auto_failover',
      steps: [
        manual(
          'primary',
          'Start the monitor and the pg_autoctl of each node that does not run: the monitor takes a node that is gone out of synchronous_standby_names within about half a minute, and puts it in again.',
        ),
      ],
    };
  // the monitor takes a node that is gone out of the list, and puts it in again
  const others = way.steps.filter(
    (step, at) =>
      step.on !== 'standby' && !isOfList(step) && !(step.does === 'reload' && way.steps.slice(0, at).some(isOfList)),
  );
  const does = (...actions: readonly Step['does'][]): boolean =>
    way.steps.some(({ on, does: one }) => on === 'standby' && actions.includes(one));
  if (does('copy', 'rewind'))
    return {
      ...way,
      summary: 'let pg_autoctl make a new copy of the node',
      risk: 'destructive',
      steps: [
        ...others,
        {
          ...manual(
            'standby',
            `pg_autoctl drop node --pgdata ${shellWord(directory)}, move the directory aside, and create the node again: pg_autoctl create postgres with the options that it was created with. It makes the base backup.`,
          ),
          does: 'copy',
        },
      ],
    };
  if (
    way.steps.some(({ on, edit, asksPassword }) => on === 'standby' && (edit?.secret === true || asksPassword === true))
  )
    return {
      ...way,
      summary: 'give the role the password that pg_autoctl writes into primary_conninfo',
      steps: [
        manual(
          'standby',
          `The password of pg_autoctl is shown by: pg_autoctl config get --pgdata ${shellWord(directory)} replication.password. Type it where the next step asks. (For another one: pg_autoctl config set --pgdata ${shellWord(directory)} replication.password PASSWORD on each node, and restart pg_autoctl there.)`,
        ),
        ...others,
      ],
    };
  const settings = way.steps.flatMap(assignedSettings);
  const isOwn = settings.some(({ name }) => isOfReplication(name)) || does('make-file');
  if (!isOwn && (settings.length > 0 || !does('start', 'restart', 'stop'))) return way;
  const unit = `systemctl ${runs ? 'restart' : 'start'} pgautofailover as root, or as its user: pg_autoctl run --pgdata ${shellWord(directory)}`;
  return {
    ...way,
    summary: `${runs ? 'restart' : 'start'} pg_autoctl: it starts the server`,
    steps: [
      ...way.steps.filter((step) => others.includes(step) || isBesideManager(step)),
      {
        ...manual('standby', `${runs ? 'Restart' : 'Start'} pg_autoctl, which starts the server: ${unit}.`),
        does: runs ? 'restart' : 'start',
      },
    ],
  };
}

const isOfList = (step: Step): boolean =>
  assignedSettings(step).some(({ name }) => name === 'synchronous_standby_names');

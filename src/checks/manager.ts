import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import { namesBetweenCommas } from '../postgres/name-list.ts';
import { defineCheck } from './check.ts';
import { autoFailoverOf } from './manager/auto-failover.ts';
import { keeperOf } from './manager/keepers.ts';
import { patroniOf } from './manager/patroni.ts';
import { repmgrOf } from './manager/repmgr.ts';
import { noStandbyYet } from './subject.ts';

/** Who manages the standby's server: the first that proves that this very directory is its own. */
export const managerCheck = defineCheck({
  brings: ['manager'],
  after: ['dataDirectory', 'dataDirectoryPlace', 'standbyConninfo', 'standbyConfiguration', 'standbyServerUser'],
  async look(facts, surroundings) {
    const { dataDirectory, dataDirectoryPlace, standbyConninfo, standbyConfiguration, standbyServerUser } = facts;
    const { host, subject, timeoutMs, signal } = surroundings;
    if (subject.command !== 'postmortem') return { manager: noStandbyYet };
    const limits = { timeoutMs, signal };
    if (dataDirectory.status !== 'seen') {
      // Patroni makes the directory itself
      const place = ifSeen(dataDirectoryPlace);
      const makes = place?.state.kind === 'absent' ? await patroniOf(host, place, undefined, limits) : undefined;
      return { manager: makes === undefined ? dataDirectory : seen(makes.manager, makes.source) };
    }
    const directory = dataDirectory.value;
    const patroni = await patroniOf(host, directory, ifSeen(standbyConninfo)?.applicationName, limits);
    if (patroni !== undefined) return { manager: seen(patroni.manager, patroni.source) };
    const { settings } = ifSeen(standbyConfiguration)?.files ?? {};
    const libraries = namesBetweenCommas(settings?.get('shared_preload_libraries')?.value ?? '');
    const repmgr = await repmgrOf(host, directory, libraries.includes('repmgr'));
    if (repmgr !== undefined) return { manager: seen(repmgr, repmgr.configFile) };
    const found =
      (await autoFailoverOf(host, directory, ifSeen(standbyServerUser)?.home, ifSeen(standbyConninfo)?.file)) ??
      (await keeperOf(host, directory));
    return { manager: found === undefined ? none : seen(found.manager, found.source) };
  },
});

const none = notApplicable('no program that manages the server was found');

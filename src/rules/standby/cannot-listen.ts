import type { Remedy } from '../../findings/report.ts';
import { clusterText } from '../../facts/shared-storage.ts';
import type { OtherCluster } from '../../facts/shared-storage.ts';
import type { StartNeeds } from '../../facts/start-needs.ts';
import { disruptive, safe, shell } from '../../remedies/remedy.ts';
import { changeOnStandby, restartStandby } from '../../remedies/standby-setting.ts';
import type { StandbySeen } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { placeOfSetting, whereSet } from '../../derived/needed-setting.ts';

export const cannotListen = defineRule({
  id: 'standby/cannot-listen',
  title: 'The server cannot listen on its configured address or port',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['startNeeds', 'now'],
  wants: ['dataDirectory', 'standbyConfiguration', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  messages: ['could-not-create-any-tcp', 'could-not-create-listen-socket'],
  says: [
    'could not bind %s address "%s": Address already in use',
    'could not bind %s address "%s": Cannot assign requested address',
  ],
  docs: {
    what: 'While the server is down, checks whether it could listen on its port at each address in listen_addresses.',
    why: 'Settings are copied with the data directory: an address of the primary does not belong to this host, and two servers on one machine ask for the same port. A server that cannot listen on any address does not start.',
    notes:
      'If only some of the addresses are not available, the server starts without them, and this is a warning. If listen_addresses is empty, the server listens only on its Unix socket. If the port belongs to another server of this machine that can be seen, the message names its data directory.',
    references: [
      'src/backend/postmaster/postmaster.c: PostmasterMain()',
      'src/backend/libpq/pqcomm.c: ListenServerPort()',
    ],
  },
  judge(facts) {
    const { startNeeds } = facts;
    const { addresses, port } = startNeeds;
    if (addresses.length === 0) return pass('listen_addresses is empty: it listens only on its Unix socket');
    const bad = addresses.filter(({ state }) => state !== 'free');
    if (bad.length === 0) return pass(`port ${port} is free on ${addresses.map(({ name }) => name).join(', ')}`);
    const tried = bad.filter(({ state }) => state !== 'not-tried');
    if (tried.length === 0)
      return unexamined({
        kind: 'unreadable',
        because: `port ${port} of ${bad.map(({ name }) => name).join(', ')} could not be checked`,
      });
    const none = tried.length === addresses.length;
    const taken = tried.some(({ state }) => state === 'taken');
    const { portHolder: holder, otherStandbys = [] } = startNeeds;
    const isStandbyToo =
      holder !== undefined && otherStandbys.some(({ dataDirectory }) => dataDirectory === holder.dataDirectory);
    return fail({
      severity: none ? 'error' : 'warning',
      title: !taken
        ? 'listen_addresses contains an address of another host'
        : holder?.removed === true
          ? `Port ${port} is in use by the server of the removed data directory`
          : isStandbyToo
            ? `Port ${port} is in use by another standby of this cluster`
            : `Port ${port} is already in use`,
      message: `${tried.map(({ name, state }) => words[state](name, port)).join('; ')}: the server ${none ? 'does not start' : 'starts without it'}.${holder === undefined ? '' : ` ${whose(holder, isStandbyToo)}`}`,
      where: whereSet(startNeeds.listenAddresses),
      evidence: [
        evidence('listen_addresses', startNeeds.listenAddresses.value, placeOfSetting(startNeeds.listenAddresses)),
        ...addresses.map(({ name, state }) => evidence(`${name}, port ${port}`, state.replaceAll('-', ' '), 'tried')),
      ],
      remedy: !taken
        ? ownAddresses(startNeeds, facts)
        : holder?.removed === true && holder.pid !== undefined
          ? endedServer(holder.pid, facts)
          : anotherPort(startNeeds, facts, isStandbyToo),
    });
  },
});

const words = {
  free: (name: string) => name,
  taken: (name: string, port: number) => `port ${port} of ${name} is already in use`,
  'not-of-this-machine': (name: string) => `${name} is not an address of this host`,
  'unknown-name': (name: string) => `host name ${name} does not resolve`,
  'not-tried': (name: string) => name,
} as const;

const whose = (holder: OtherCluster, isStandbyToo: boolean): string =>
  holder.removed === true
    ? `The server that was started on ${holder.dataDirectory} before that directory was removed is still running (process ${holder.pid}). It uses the removed files.`
    : `The port belongs to ${clusterText(holder)}${isStandbyToo ? ', also a standby of this cluster: -D may name the wrong directory' : ''}.`;

/** It has no files any more that it could shut down in order: at SIGQUIT it writes none. */
const endedServer = (pid: number, { standbyControl }: StandbySeen): Remedy =>
  disruptive(
    'End the server that uses the removed files, and start this one.',
    shell('standby', `kill -QUIT ${pid} && while kill -0 ${pid} 2>/dev/null; do sleep 1; done`, 'end-process'),
    restartStandby(standbyControl),
  );

const anotherPort = ({ freePort, portHolder }: StartNeeds, standby: StandbySeen, isStandbyToo: boolean): Remedy =>
  safe(
    isStandbyToo
      ? `Examine ${portHolder?.dataDirectory} if that is the standby in use. Only if this machine is to run both: give this one another port, and start it.`
      : 'Give it another port, and start it. Its clients must use the new port.',
    ...changeOnStandby(standby, { port: String(freePort ?? 5433) }, 'restart'),
  );

function ownAddresses({ addresses, ownAddresses: own }: StartNeeds, standby: StandbySeen): Remedy {
  const kept = addresses.flatMap(({ name, state }) => (state === 'free' ? [name] : []));
  const value = [...new Set([...(kept.length === 0 ? ['localhost'] : kept), ...own])].join(',');
  return safe(
    'Let it listen on the addresses of this host, and start it.',
    ...changeOnStandby(standby, { listen_addresses: value }, 'restart'),
  );
}

import type { Remedy } from '../../facts/report.ts';
import type { StartNeeds } from '../../facts/start-needs.ts';
import { safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import type { StandbySeen } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { placeOfSetting, whereSet } from './needed-setting.ts';

export const cannotListen = defineRule({
  id: 'standby/cannot-listen',
  title: 'The server cannot listen where its settings say',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['startNeeds', 'now'],
  wants: ['dataDirectory', 'standbyConfiguration', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  says: [
    'could not create any TCP/IP sockets',
    'could not create listen socket for "%s"',
    'could not bind %s address "%s": Address already in use',
    'could not bind %s address "%s": Cannot assign requested address',
  ],
  docs: {
    what: 'Tries, while the server is down, whether it could listen on the addresses of listen_addresses and on its port.',
    why: 'Settings are copied with the data directory: an address of the primary is none of this host, and on one machine both servers ask for one port. A server that can listen nowhere ends at its start.',
    notes:
      'Where only some of the addresses cannot be had, the server starts without them: a warning. With listen_addresses empty it listens on its Unix socket alone.',
    references: ['backend/postmaster/postmaster.c, PostmasterMain()', 'backend/libpq/pqcomm.c, ListenServerPort()'],
  },
  judge(facts) {
    const { startNeeds } = facts;
    const { addresses, port } = startNeeds;
    if (addresses.length === 0) return pass('listen_addresses is empty: it listens on its Unix socket alone');
    const bad = addresses.filter(({ state }) => state !== 'free');
    if (bad.length === 0) return pass(`port ${port} is free on ${addresses.map(({ name }) => name).join(', ')}`);
    const tried = bad.filter(({ state }) => state !== 'not-tried');
    if (tried.length === 0)
      return unexamined({
        kind: 'unreadable',
        because: `port ${port} of ${bad.map(({ name }) => name).join(', ')} could not be tried`,
      });
    const none = tried.length === addresses.length;
    const taken = tried.some(({ state }) => state === 'taken');
    return fail({
      severity: none ? 'error' : 'warning',
      title: taken ? `Port ${port} is taken by another server` : 'listen_addresses names addresses of another host',
      message: `${tried.map(({ name, state }) => words[state](name, port)).join('; ')}: the server ${none ? 'does not start' : 'starts without it'}.`,
      where: whereSet(startNeeds.listenAddresses),
      evidence: [
        evidence('listen_addresses', startNeeds.listenAddresses.value, placeOfSetting(startNeeds.listenAddresses)),
        ...addresses.map(({ name, state }) => evidence(`${name}, port ${port}`, state.replaceAll('-', ' '), 'tried')),
      ],
      remedy: taken ? anotherPort(startNeeds, facts) : ownAddresses(startNeeds, facts),
    });
  },
});

const words = {
  free: (name: string) => name,
  taken: (name: string, port: number) => `port ${port} of ${name} is taken`,
  'not-of-this-machine': (name: string) => `${name} is no address of this host`,
  'unknown-name': (name: string) => `${name} is a name that nobody knows here`,
  'not-tried': (name: string) => name,
} as const;

const anotherPort = ({ freePort }: StartNeeds, standby: StandbySeen): Remedy =>
  safe(
    'Give it a port of its own, and start it. Its clients must know the new port.',
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

import type { ConnectionAttempt } from '../facts/connection.ts';
import type { AdminServer } from '../facts/identity.ts';
import { isSilence } from '../facts/login.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Evidence, Remedy, Step } from '../findings/report.ts';
import { integerOf, textOf } from '../facts/settings.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import { listensOn } from '../postgres/listen-addresses.ts';
import { safe } from './remedy.ts';
import { slotMade } from './reversible.ts';
import { byHand, connectionFacts, connectWith, standbyOf } from './connecting.ts';
import type { Parameters } from './connecting.ts';
import { decide } from '../derived/hba-decision.ts';
import { inForce } from '../derived/in-force.ts';
import { isSlotName } from '../derived/named-slot.ts';
import { replacedBy, replacedFacts } from '../derived/replaced-primary.ts';
import type { Successor } from '../derived/replaced-primary.ts';
import { isSocket } from '../derived/login-stages.ts';
import { streamedFrom } from '../derived/silent-server.ts';
import { evidence } from '../findings/judgement.ts';
import type { JudgedFacts } from '../facts/facts.ts';

/** What tells where a primary is. */
export const placeFacts = [
  'baseBackup',
  'adminServer',
  'primary',
  'primarySettings',
  'controlFile',
  'hbaRules',
  'replicationRole',
  'serverLog',
  'standbyConfiguration',
  ...replacedFacts,
] as const;

/** What {@link leadingToPrimary} looks at, for a rule's `wants`; it needs `now`. */
export const primaryPlaceFacts = [...connectionFacts, ...placeFacts] as const;

type Facts = JudgedFacts<'now', (typeof primaryPlaceFacts)[number]>;

/**
 * Of a standby whose primary_conninfo leads nowhere, while --admin has found its primary in another place: the change
 * that leads it there. Undefined where that place is not known for certain.
 */
export function leadingToPrimary(
  facts: Facts,
  attempt: ConnectionAttempt,
): { readonly remedy: Remedy; readonly seen: readonly Evidence[] } | undefined {
  const replaced = replacedBy(facts, attempt);
  const found = replaced?.named !== true && hasFollowed(facts, attempt) ? undefined : placeOfPrimary(facts, attempt);
  const seen =
    replaced === undefined
      ? []
      : [
          evidence(
            replaced.named ? 'the primary now' : 'another primary',
            `${replaced.place}, ${replaced.named ? 'promoted to' : 'on'} timeline ${replaced.timeline} (this standby has followed timeline ${replaced.followed})`,
            replaced.named ? 'the --admin login' : 'its pg_control',
          ),
        ];
  if (found === undefined)
    return replaced === undefined || !(replaced.named ? isDown(attempt) || isBetween(attempt) : isStopped(attempt))
      ? undefined
      : { remedy: leftStopped(facts, attempt, replaced), seen };
  const { host, port, identifier } = found;
  const values: Parameters = {
    ...(host === attempt.host ? {} : { host, hostaddr: undefined }),
    ...(port === attempt.port ? {} : { port: String(port) }),
  };
  if (Object.keys(values).length === 0) return undefined;
  const place = placeText(found);
  return {
    remedy: safe(
      `Point the standby to its primary, which answers at ${place}.${isDown(attempt) ? ` (If there is a server at ${attempt.host}, port ${attempt.port}, start it only as a standby: as a primary, it would be the second one.)` : ''}`,
      ...(replaced === undefined ? [] : slotThere(facts)),
      ...connectWith(facts, values, {}),
    ),
    seen: [
      ...seen,
      evidence('address of its primary', `${place} (system identifier ${identifier})`, 'the --admin login'),
    ],
  };
}

/** The primary that the connection names was replaced by a promoted one, whose address as the standby reaches it only a person can give. */
function leftStopped(facts: Facts, attempt: ConnectionAttempt, { place, named }: Successor): Remedy {
  const there = placeText({ host: attempt.host, port: attempt.port });
  const warning = `Do not start the server at ${there} (or let it continue) before it is a standby: there would be two primaries.`;
  if (!named)
    return safe(
      'Find out which server is the primary before any is started.',
      byHand(facts, {
        client: `If ${place} was promoted, connect to that one. ${warning}`,
        standby: `set the host and the port of ${place}, if that was promoted, and reload: SELECT pg_reload_conf(); ${warning} Start it as it is only if ${place} is no more than a copy for a test.`,
      }),
    );
  return safe(
    `Point the standby to the primary that was promoted, ${place}.`,
    ...slotThere(facts),
    byHand(facts, {
      client: `Connect to ${place}. ${warning}`,
      standby: `set the host and the port by which this standby reaches the primary at ${place}, and reload: SELECT pg_reload_conf(); ${warning}`,
    }),
  );
}

/** A slot is not copied to a standby before 17, and then only where it is to be: the promoted server may not have that of the standby. */
function slotThere(facts: Facts): readonly Step[] {
  const slot = inForce('primary_slot_name', facts)?.value ?? '';
  const admin = ifSeen(facts.adminServer);
  return admin === undefined || !isSlotName(slot) || admin.slots.includes(slot) ? [] : [slotMade(slot)];
}

/** `10.0.0.1, port 5433`: the primary of this cluster that --admin has reached, where primary_conninfo may lead to another server. */
export function whereAdminFoundPrimary(facts: Facts, attempt: ConnectionAttempt): string | undefined {
  const found = placeOfPrimary(facts, attempt);
  return found === undefined || (found.host === attempt.host && found.port === attempt.port)
    ? undefined
    : placeText(found);
}

/** The connection is meant for the very address and port at which --admin has found the primary of this cluster. */
export function leadsToPrimary(facts: Facts, attempt: ConnectionAttempt): boolean {
  const found = placeOfPrimary(facts, attempt);
  return found !== undefined && found.host === attempt.host && found.port === attempt.port;
}

const placeText = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  host.startsWith('/') ? `port ${port} in ${host}` : `${host}, port ${port}`;

function placeOfPrimary(facts: Facts, attempt: ConnectionAttempt) {
  const standby = standbyOf(facts);
  const [server, control] = [ifSeen(facts.adminServer), ifSeen(facts.controlFile)];
  // one value of a list cannot be changed alone
  if (standby === undefined || standby.conninfo.hosts.length !== 1) return undefined;
  if (server === undefined || control?.ok !== true) return undefined;
  const identifier = control.value.systemIdentifier;
  // of several standbys the one that it is to follow cannot be told
  if (server.systemIdentifier !== identifier || server.inRecovery) return undefined;
  const port = integerOf(server.settings, 'port');
  // another one is that of a pooler, or is passed on from somewhere
  if (port === undefined || server.port !== port) return undefined;
  if (isServerOf(standby.directory, server)) return undefined;
  const listened = textOf(server.settings, 'listen_addresses') ?? '';
  // a session can have come another way than by the address that it tells
  if (!isSocket({ address: server.address }) && !listensOn(listened, server.address)) return undefined;
  const { address } = attempt;
  const isThere = address !== undefined && (address === server.address || (server.ownAddress && isLoopback(address)));
  if (isThere && listensOn(listened, address)) return { host: attempt.host, port, identifier };
  const overTcp = isSocket({ address: server.host }) && listensOn(listened, '127.0.0.1') ? ['127.0.0.1'] : [];
  // of a name that has led to another server the address counts
  const named = server.host === attempt.host ? server.address : server.host;
  // a role that came over TCP has its entry in pg_hba.conf for TCP
  const places = isSocket(attempt) ? [named, ...overTcp] : [...overTcp, named];
  return { host: places.find((host) => letsIn(facts, attempt, host)) ?? places[0] ?? named, port, identifier };
}

/**
 * Nothing answers there now, and what primary_conninfo names is right all the same: the standby has streamed since it was
 * written, or uses a slot that the server of --admin does not have. In a cascade that server is the root, and not the one
 * that is down.
 */
function hasFollowed(facts: Facts, attempt: ConnectionAttempt): boolean {
  if (!isDown(attempt)) return false;
  if (streamedFrom(facts, attempt) !== undefined) return true;
  const admin = ifSeen(facts.adminServer);
  const slot = inForce('primary_slot_name', facts)?.value ?? '';
  return admin !== undefined && slot !== '' && !admin.slots.includes(slot);
}

/** Nobody answers, or what answers hangs up. */
const isDown = (attempt: ConnectionAttempt): boolean => isSilence(attempt) || attempt.outcome.kind === 'closed';

/** The machine answers, and the server does not run. */
const isStopped = ({ outcome: { kind } }: ConnectionAttempt): boolean => kind === 'refused' || kind === 'no-socket';

/** It starts or ends at this moment. */
const isBetween = ({ outcome }: ConnectionAttempt): boolean =>
  outcome.kind === 'server-refused' && (outcome.refusal === 'starting-up' || outcome.refusal === 'shutting-down');

/** Whether pg_hba.conf has a line for the role of primary_conninfo from there. */
function letsIn(facts: Facts, attempt: ConnectionAttempt, host: string): boolean {
  const admin = ifSeen(facts.adminServer);
  const rules = admin && ifSeen(admin.hbaRules);
  const user = ifSeen(facts.standbyConninfo)?.user;
  if (rules === undefined || user === undefined) return false;
  const connection = { ...attempt, host, address: host, localAddress: host, outcome: { kind: 'logged-in' } } as const;
  return (['none', 'tls'] as const).some((encryption) => {
    const asked = { ...connection, encryption };
    const { matched } = decide(rules, asked, { user }, ifSeen(facts.replicationRole), ifSeen(facts.primary)).match;
    return matched !== undefined && matched.method !== 'reject';
  });
}

/** The server that --admin has reached runs on this very directory. */
const isServerOf = ({ postmaster }: DataDirectory, server: AdminServer): boolean =>
  server.postmaster !== undefined && postmaster?.process === 'running' && postmaster.pid === server.postmaster;

const isLoopback = (address: string): boolean => /^127\.|^::1$/u.test(address);

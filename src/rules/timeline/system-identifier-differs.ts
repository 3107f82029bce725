import { ifSeen } from '../../facts/observed.ts';
import type { Evidence, Remedy } from '../../findings/report.ts';
import type { SystemIdentifier } from '../../postgres/lsn.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { whereItStands } from '../../derived/conninfo-source.ts';
import { copyEffort, effortFacts } from '../../derived/effort.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { endpointOf, placeOf } from '../../derived/login-stages.ts';
import { streamedFrom } from '../../derived/silent-server.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

const wants = [
  ...newCopyFacts,
  ...effortFacts,
  ...primaryPlaceFacts,
  'replicationLogin',
  'refusingServer',
  'runningStandby',
  'serverLog',
] as const;

export const systemIdentifierDiffers = defineRule({
  id: 'timeline/system-identifier-differs',
  title: 'This directory is not a copy of the server that it follows',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'controlFile'],
  wants,
  explains: [
    ...notStreaming,
    'recovery/settings-lower-than-primary',
    'network/admin-elsewhere',
    'primary/end-of-life',
    'slot/missing',
    'tls/plaintext-replication',
    'timeline/two-primaries',
    // what a server of another cluster lacks is no fault of it
    'hba/no-replication-entry',
    'hba/rejected',
    'hba/shadowed',
    'hba/no-user-map',
    'hba/method-needs-other-password',
    'role/missing',
    'role/no-login',
    'role/no-password',
    'role/connection-limit',
    'role/no-replication',
    'role/wrong-password',
    'role/password-expired',
    'network/login-not-possible',
  ],
  messages: ['system-identifier-differs'],
  docs: {
    what: 'Compares the system identifier in global/pg_control with that of the server in primary_conninfo.',
    why: 'initdb gives each cluster its own identifier, and a base backup has the same one. WAL of another cluster cannot be replayed: the WAL receiver refuses it at once.',
    notes:
      "Two causes look the same: primary_conninfo points to the wrong server (a wrong address, a name with two addresses, a load balancer), or this directory was created by initdb (for example by a container's entrypoint) and is not a base backup. If --admin reaches a server of the cluster that this directory is a copy of, the first cause is proven. Nothing else is checked on a server of another cluster, such as its slots.",
    references: ['src/backend/replication/walreceiver.c: WalReceiverMain()'],
  },
  judge(facts) {
    const { controlFile } = facts;
    if (!controlFile.ok) return unexamined({ kind: 'unreadable', because: 'global/pg_control cannot be read' });
    const own = controlFile.value.systemIdentifier;
    const upstream = whatAnswered(facts);
    if (upstream === undefined)
      return facts.primary.status === 'unseen'
        ? unexamined(facts.primary.why)
        : notApplicable('no primary was reached');
    if (own === upstream.systemIdentifier) return pass(`both have the system identifier ${own}`);
    const there = upstream.place;
    const conninfo = ifSeen(facts.standbyConninfo);
    const elsewhere = leadingHome(facts, own, upstream);
    const anew = elsewhere === undefined ? madeAnew(facts, own, upstream) : undefined;
    return fail({
      ...(elsewhere === undefined
        ? anew === undefined
          ? {}
          : { title: 'The server that this standby followed was replaced by a new cluster' }
        : { title: 'primary_conninfo points to a server of another cluster' }),
      message:
        elsewhere === undefined
          ? anew !== undefined
            ? `${anew} This directory has the system identifier ${own}, and ${there} has ${upstream.systemIdentifier}: the standby has the data of the old cluster, and cannot replay WAL of the new one.`
            : `This directory has the system identifier ${own}, but ${there} has ${upstream.systemIdentifier}: it is not a copy of that server and cannot replay its WAL. If that is the wrong server, correct host and port in primary_conninfo; otherwise, the standby needs a new base backup.`
          : `primary_conninfo points to ${there}, which has the system identifier ${upstream.systemIdentifier}. This directory is a copy of another cluster, ${own}, which --admin reaches. The standby cannot replay the WAL of ${there}, and the WAL receiver refuses it.`,
      where: elsewhere === undefined || conninfo === undefined ? at('standby') : whereItStands(conninfo),
      evidence: [
        evidence('this directory', String(own), 'pg_control'),
        evidence(there, String(upstream.systemIdentifier), upstream.source),
        ...(elsewhere?.seen ?? []),
      ],
      remedy: elsewhere?.remedy ?? homeOrCopy(facts, own, there, anew),
    });
  },
});

type Facts = JudgedFacts<'now' | 'controlFile', (typeof wants)[number]>;

interface Upstream {
  readonly systemIdentifier: SystemIdentifier;
  readonly place: string;
  readonly source: string;
}

/** It has told who it is, or it has refused the login, and its files tell. */
function whatAnswered({ primary, replicationLogin, refusingServer }: Facts): Upstream | undefined {
  const login = ifSeen(replicationLogin)?.outcome;
  if (refusingServer.status === 'seen' && login?.accepted === false) {
    const { systemIdentifier, called } = refusingServer.value;
    return { systemIdentifier, place: `${placeOf(login.decisive)} (${called})`, source: refusingServer.source };
  }
  const reached = ifSeen(primary);
  return reached === undefined
    ? undefined
    : {
        systemIdentifier: reached.systemIdentifier,
        place: login?.accepted === true ? placeOf(login.session.attempt) : endpointOf(reached.address, reached.port),
        source: 'IDENTIFY_SYSTEM',
      };
}

/** initdb puts the time into the upper half of the identifier (xlog.c, BootStrapXLOG): a newer one, where this standby has streamed from. */
function madeAnew(
  facts: Facts,
  own: SystemIdentifier,
  { systemIdentifier, place: there }: Upstream,
): string | undefined {
  const login = ifSeen(facts.replicationLogin)?.outcome;
  const attempt = login?.accepted === true ? login.session.attempt : login?.decisive;
  const followed = attempt === undefined ? undefined : streamedFrom(facts, attempt);
  if (followed === undefined || systemIdentifier >> 32n <= own >> 32n) return undefined;
  const at = new Date(Number(systemIdentifier >> 32n) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `The cluster at ${there} was made by initdb at ${at} UTC, after the one of this standby. The standby ${followed}.`;
}

/**
 * A directory that a base backup made is a good standby still, of another cluster, unless --admin names this one's server as
 * the primary that is meant: it is pointed at its own again before it is thrown away.
 */
function homeOrCopy(facts: Facts, own: SystemIdentifier, there: string, anew: string | undefined): Remedy {
  const copy = newCopy(facts);
  const directory = ifSeen(facts.dataDirectory);
  // what initdb has made and a signal file calls a standby has none of them
  const wasCopy =
    directory?.backupLabel !== undefined ||
    directory?.backupLabelOld !== undefined ||
    (directory !== undefined && directory.manifest !== 'absent');
  if (!wasCopy || (anew === undefined && facts.adminServer.status === 'seen')) return copy;
  const { cost, says } = copyEffort(facts);
  if (anew !== undefined)
    return {
      ...safe(
        'Change nothing on this standby before it is known where the data of its cluster are.',
        manual(
          'standby',
          `If the data of ${there} were lost (an empty volume, in which an entrypoint has run initdb), do not copy it over this standby, which has the data as of its last WAL: promote this one, SELECT pg_promote();, and make the other one its standby. If they are in another directory or volume, start that server on them again: this standby then continues.`,
        ),
      ),
      cost: { copyBytes: 0, replayBytes: null, downtimeSeconds: null },
      alternatives: [
        {
          summary: copy.summary,
          risk: copy.risk,
          steps: copy.steps,
          because: `Only if nothing of what this standby has is needed any more: ${says}`,
          cost,
        },
      ],
    };
  return {
    ...safe(
      'Change primary_conninfo to a server of the cluster of this standby.',
      manual(
        'standby',
        `${exchanged(facts, there, `a server of cluster ${own}`)}. On the right server, SELECT system_identifier FROM pg_control_system(); returns ${own}. Run standbylint again with --admin CONNINFO for that server, and it prints the exact change.`,
      ),
    ),
    cost: { copyBytes: 0, replayBytes: null, downtimeSeconds: null },
    alternatives: [
      {
        summary: copy.summary,
        risk: copy.risk,
        steps: copy.steps,
        because: `Only if the standby should follow ${there} from now on, and the data of its own cluster is not needed: ${says}`,
        cost,
      },
    ],
  };
}

/** Of a list of hosts, the others may be the right ones: the first that answers is the one that is used. */
const exchanged = ({ standbyConninfo }: Facts, there: string, right: string): string =>
  (ifSeen(standbyConninfo)?.hosts.length ?? 1) > 1
    ? `In primary_conninfo, remove ${there} from the list of hosts (and its port, if ports are listed), keep or add ${right}, then reload the standby (SELECT pg_reload_conf())`
    : `In primary_conninfo, replace ${there} with ${right}, then reload the standby (SELECT pg_reload_conf())`;

/** The way to a server of the cluster that the directory is a copy of, where --admin has found one. */
function leadingHome(
  facts: Facts,
  own: SystemIdentifier,
  { place: there }: Upstream,
): { readonly remedy: Remedy; readonly seen: readonly Evidence[] } | undefined {
  const admin = ifSeen(facts.adminServer);
  if (admin?.systemIdentifier !== own) return undefined;
  const login = ifSeen(facts.replicationLogin)?.outcome;
  const attempt = login?.accepted === true ? login.session.attempt : login?.decisive;
  // what was reached says nothing of where the right server is
  const found =
    attempt === undefined
      ? undefined
      : leadingToPrimary(
          { ...facts, controlFile: { status: 'seen', value: facts.controlFile, source: 'pg_control' } },
          { ...attempt, address: undefined },
        );
  if (found !== undefined) return found;
  const place = endpointOf(admin.address, admin.port);
  return {
    remedy: safe(
      'Change primary_conninfo to a server of this cluster.',
      manual(
        'standby',
        `${exchanged(facts, there, `a server of the cluster ${own}`)}. --admin reached one at ${place}${admin.inRecovery ? ' (a standby)' : ''}.`,
      ),
    ),
    seen: [evidence('its own cluster answers at', `${place} (system identifier ${own})`, 'the --admin login')],
  };
}

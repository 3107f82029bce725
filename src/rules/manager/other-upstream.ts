import { attemptThatCounts, isSilence } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { throughConfiguration } from '../../remedies/under-repmgr.ts';
import { disruptive, safe, shell } from '../../remedies/remedy.ts';
import { start } from '../../remedies/server-control.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const otherUpstream = defineRule({
  id: 'manager/other-upstream',
  title: 'The standby follows a different server than repmgr has recorded',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager', 'repmgrRecord'],
  wants: ['primary', 'replicationLogin', 'runningStandby', 'standbyConninfo', 'standbyControl', 'walSenders'],
  explains: [
    ...notStreaming,
    'network/connection-refused',
    'network/name-not-resolved',
    'network/timed-out',
    'network/unreachable',
  ],
  docs: {
    what: "Compares primary_conninfo with the upstream node in repmgr's record of this node (repmgr.nodes on the primary). An error if primary_conninfo leads to a place where nothing answers; a warning if the standby streams from another node than the recorded one.",
    why: 'repmgr and repmgrd act on their record: at the next failover or `standby follow`, the standby is pointed to another server than the one that it follows now.',
    notes:
      'Names are compared by their addresses. While the standby streams, what its upstream lists applies, and whether that is the primary: the same server can have several networks.',
    references: ['repmgr.nodes: https://repmgr.org/docs/current/repmgr-standby-follow.html'],
  },
  judge(facts) {
    const { manager, primary, replicationLogin, runningStandby, standbyConninfo, standbyControl, walSenders } = facts;
    const { node } = facts.repmgrRecord;
    if (manager.kind !== 'repmgr') return notApplicable('repmgr does not manage this server');
    const upstream = node?.upstream;
    if (upstream === undefined) return notApplicable("repmgr's record names no upstream, see manager/not-registered");
    const place = `${upstream.name} (${upstream.host}:${upstream.port})`;
    const conninfo = ifSeen(standbyConninfo);
    const named = conninfo?.hosts.map(({ host, port }) => `${host}:${port}`).join(', ') ?? '';
    const shown = [
      evidence("upstream in repmgr's record", place, 'repmgr.nodes'),
      evidence('primary_conninfo', named, conninfo?.file ?? 'the configuration'),
    ];
    const where = at('standby', undefined, conninfo?.file, conninfo?.line);
    const follow = shell('standby', throughConfiguration(manager, 'standby follow'), 'run');
    const login = ifSeen(replicationLogin);
    const server = ifSeen(runningStandby);
    const control = ifSeen(standbyControl);
    if (node?.follows === false && login !== undefined && isSilence(attemptThatCounts(login)))
      return fail({
        severity: 'error',
        title: `primary_conninfo leads to ${named}, but repmgr has ${place} as the upstream`,
        message: `Nothing answers at ${named}, where primary_conninfo leads. In repmgr's record, this node follows ${place}.`,
        where,
        evidence: shown,
        remedy: disruptive(
          'let repmgr point the standby to its primary',
          // repmgr asks the server itself for its records
          ...(server === undefined && control?.running !== true
            ? [start('standby', control?.control ?? { kind: 'unknown' })]
            : []),
          follow,
        ),
      });
    const senders = ifSeen(walSenders);
    if (server?.receiver?.status !== 'streaming' || senders === undefined || conninfo === undefined)
      return notApplicable('the standby does not stream, or what the primary lists was not seen');
    const isListed = senders.some(({ applicationName }) => applicationName === conninfo.reportsAs);
    const cascades = isListed && ifSeen(primary)?.inRecovery === true;
    const ofPrimary = isListed && !cascades;
    const isAnother = cascades && node?.follows === false;
    if (ofPrimary === upstream.isPrimary && !isAnother)
      return pass(`the standby streams from ${place}, as in repmgr's record`);
    const other = cascades
      ? `it streams from another standby, ${named}`
      : 'the primary does not list it: it streams from another server';
    return fail({
      message: ofPrimary
        ? `The standby streams from the primary, but in repmgr's record it follows ${place}.`
        : `In repmgr's record, the standby follows ${upstream.isPrimary ? `the primary, ${place}` : place}, but ${other}.`,
      where,
      evidence: shown,
      remedy: ofPrimary
        ? safe(
            'renew the record, if the primary is the server to follow',
            shell(
              'standby',
              throughConfiguration(manager, `standby register --force --upstream-node-id=${upstream.primary}`),
              'run',
            ),
          )
        : disruptive('let repmgr point the standby to its primary', follow),
    });
  },
});

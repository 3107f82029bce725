import { longestWaitSeconds } from '../../derived/retry-interval.ts';
import { secondsAgo } from '../../facts/running-standby.ts';
import { ifSeen } from '../../facts/observed.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { throughConfiguration } from '../../remedies/under-repmgr.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const notRegistered = defineRule({
  id: 'manager/not-registered',
  title: 'repmgr does not have this standby among its active nodes',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager', 'repmgrRecord'],
  wants: ['runningStandby'],
  docs: {
    what: "Looks for the node_id of this node's repmgr.conf in repmgr.nodes on the primary, and warns if it is not there, is not active, is not recorded as a standby, or has no upstream there.",
    why: 'repmgrd does not start for a node without a record, and a failover leaves out a node that is inactive: the standby streams until the primary changes.',
    notes:
      'Of a server that is down, or was started within the last minute, nothing is said: repmgrd marks a node that is down as inactive, and as active when it has noticed that it is back.',
    references: ['Registering a standby: https://repmgr.org/docs/current/repmgr-standby-register.html'],
  },
  judge({ manager, repmgrRecord: { node }, runningStandby }) {
    if (manager.kind !== 'repmgr') return notApplicable('repmgr does not manage this server');
    const server = ifSeen(runningStandby);
    if (server?.inRecovery !== true) return notApplicable('the server does not run as a standby');
    if (node?.active === true && node.type === 'standby' && node.upstream !== undefined)
      return pass(`repmgr.nodes has ${manager.name} as an active standby`);
    const started = secondsAgo(server.startedAt, server);
    // without repmgrd no record is put right
    if (node?.active === false && manager.runs && started < longestWaitSeconds)
      return notApplicable(
        `the server was started ${Math.round(started)} s ago, and repmgrd may not have noticed it yet: it marks a node that is down as inactive`,
      );
    if (node?.type === 'primary')
      return fail({
        title: `repmgr has node ID ${manager.node} as its primary, and not as this standby`,
        message: `node_id in ${manager.configFile} is ${manager.node}. repmgr.nodes has an ${node.active ? 'active' : 'inactive'} primary under this ID${node.name === undefined ? '' : `, ${node.name}`}: the two nodes have one ID, or the primary has changed without repmgr's knowing. repmgrd does not make this standby follow a new primary.`,
        where: at('standby', undefined, manager.configFile),
        evidence: [
          evidence('node_id', String(manager.node), manager.configFile),
          evidence(
            `node ${manager.node}`,
            node.name === undefined ? 'primary' : `primary, ${node.name}`,
            'repmgr.nodes',
          ),
        ],
        remedy: safe(
          'Give this node an ID of its own, or register both nodes again. A registration of the standby under this ID would overwrite the record of the primary.',
          manual(
            'standby',
            `If another node has node_id ${manager.node} in its repmgr.conf, set node_id in ${manager.configFile} to a number that repmgr cluster show does not list. If not, register the primary first, on its own machine (repmgr primary register --force). Then: ${throughConfiguration(manager, 'standby register --force')}`,
          ),
        ),
      });
    const state =
      node === undefined
        ? 'not there'
        : !node.active
          ? `inactive (${node.type})`
          : node.type === 'standby'
            ? 'recorded without an upstream'
            : `recorded as a ${node.type}`;
    return fail({
      title: `repmgr has node ${manager.name} (ID ${manager.node}) ${node === undefined ? 'not registered' : state}`,
      message: `In repmgr.nodes on the primary, node ${manager.name} (ID ${manager.node}) is ${state}: repmgrd does not make it follow a new primary.`,
      where: at('standby', undefined, manager.configFile),
      evidence: [evidence(`node ${manager.node}`, state, 'repmgr.nodes')],
      remedy: safe(
        'register the standby with repmgr',
        shell('standby', throughConfiguration(manager, 'standby register --force'), 'run'),
      ),
    });
  },
});

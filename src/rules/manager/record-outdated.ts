import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { throughConfiguration } from '../../remedies/under-repmgr.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const recordOutdated = defineRule({
  id: 'manager/record-outdated',
  title: 'repmgr has another address recorded for a node than the one that it has',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager', 'repmgrRecord'],
  wants: ['primarySettings', 'standbyConninfo', 'runningStandby'],
  docs: {
    what: 'Compares the address of this node in repmgr.nodes on the primary with conninfo in its repmgr.conf. Of the primary, while this standby streams from the same host, the recorded port is compared with that of primary_conninfo and with the port of the server.',
    why: 'repmgr and repmgrd reach a node by its record: `standby follow` writes the recorded address of the primary into primary_conninfo, and a failover asks each standby at its own.',
    references: ['conninfo: https://repmgr.org/docs/current/configuration-file-settings.html'],
  },
  judge({ manager, repmgrRecord: { node }, primarySettings, standbyConninfo, runningStandby }) {
    if (manager.kind !== 'repmgr') return notApplicable('repmgr does not manage this server');
    if (node === undefined || node.type === 'primary')
      return notApplicable('the node is not registered as a standby, see manager/not-registered');
    const { host = '', hostaddr, port = '5432' } = manager.conninfo;
    const own = { host: hostaddr ?? host, port };
    const { place, upstream } = node;
    const server = ifSeen(runningStandby);
    if (server !== undefined && own.port !== String(server.port))
      return notApplicable(
        'conninfo in repmgr.conf has another port than the server, see manager/other-server-in-configuration',
      );
    if (place !== undefined && (place.host !== own.host || place.port !== own.port))
      return fail({
        title: `repmgr has another address recorded for ${manager.name} than its repmgr.conf`,
        message: `In repmgr.nodes, ${manager.name} is reached at ${place.host}:${place.port}; conninfo in ${manager.configFile} says ${own.host}:${own.port}. repmgr and the other nodes use the record.`,
        where: at('standby', undefined, manager.configFile),
        evidence: [
          evidence('recorded', `${place.host}:${place.port}`, 'repmgr.nodes'),
          evidence('conninfo', `${own.host}:${own.port}`, manager.configFile),
        ],
        remedy: safe(
          'Register the standby again, once conninfo in its repmgr.conf is right.',
          shell('standby', throughConfiguration(manager, 'standby register --force'), 'run'),
        ),
      });
    const settings = ifSeen(primarySettings);
    const [named, ...more] = ifSeen(standbyConninfo)?.hosts ?? [];
    const streams = server?.receiver?.status === 'streaming';
    const known = settings === undefined ? undefined : textOf(settings, 'port');
    if (
      upstream?.isPrimary !== true ||
      !streams ||
      known === undefined ||
      named?.host !== upstream.host ||
      more.length > 0 ||
      [known, String(named.port)].includes(upstream.port)
    )
      return pass("repmgr's record of the nodes is as their addresses are");
    return fail({
      title: `repmgr has another port recorded for the primary, ${upstream.name}`,
      message: `In repmgr.nodes, ${upstream.name} is reached at ${upstream.host}:${upstream.port}. This standby streams from it at port ${named.port}, and the server listens on ${known}. \`repmgr standby follow\` and repmgrd would use the recorded port.`,
      where: at('primary'),
      evidence: [
        evidence('recorded', `${upstream.host}:${upstream.port}`, 'repmgr.nodes'),
        evidence('primary_conninfo', `${named.host}:${named.port}`, 'the standby'),
      ],
      remedy: safe(
        'Register the primary again.',
        manual(
          'primary',
          `In the repmgr.conf of ${upstream.name}, correct the port in conninfo, where it is wrong there, too. Then, with that file: repmgr -f FILE primary register --force`,
        ),
      ),
    });
  },
});

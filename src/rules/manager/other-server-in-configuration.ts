import { manual, safe, shell } from '../../remedies/remedy.ts';
import { throughConfiguration } from '../../remedies/under-repmgr.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const otherServerInConfiguration = defineRule({
  id: 'manager/other-server-in-configuration',
  title: 'The conninfo in repmgr.conf leads to a different server than this standby',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager', 'runningStandby'],
  docs: {
    what: 'Compares the port of conninfo in repmgr.conf, whose data_directory is that of this standby, with the port of the running server, and warns if they differ on this machine.',
    why: "repmgr asks this connection for the standby's own state: a copied repmgr.conf makes it register, promote or check another server, and repmgrd does not start.",
    notes: 'Only a socket or a loopback address is compared: behind another host, a port can be forwarded.',
    references: ['repmgr.conf: https://repmgr.org/docs/current/configuration-file.html'],
  },
  judge({ manager, runningStandby: server }) {
    if (manager.kind !== 'repmgr') return notApplicable('repmgr does not manage this server');
    const { host = '', port = '5432' } = manager.conninfo;
    if (!/^(?:$|\/|127\.|localhost$|::1$)/u.test(host))
      return notApplicable(`whether ${host} forwards its ports to this machine is not known`);
    if (port === String(server.port)) return pass(`conninfo in ${manager.configFile} leads to port ${port}`);
    return fail({
      message: `conninfo in ${manager.configFile} leads to port ${port}, but the server on this data directory listens on port ${server.port}.`,
      where: at('standby', undefined, manager.configFile),
      evidence: [
        evidence('conninfo', `${host === '' ? 'the default socket' : host}, port ${port}`, manager.configFile),
        evidence('port of the server', String(server.port), 'the server'),
      ],
      remedy: safe(
        'correct the port, and register the standby again',
        manual('standby', `In ${manager.configFile}, set port=${server.port} in conninfo.`),
        shell('standby', throughConfiguration(manager, 'standby register --force'), 'run'),
      ),
    });
  },
});

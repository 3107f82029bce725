import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const daemonStopped = defineRule({
  id: 'manager/daemon-stopped',
  title: 'repmgrd does not run, although failover is automatic',
  severity: 'info',
  commands: ['postmortem'],
  needs: ['manager'],
  docs: {
    what: 'Looks for a process of repmgrd with the repmgr.conf of this node, if that sets failover=automatic.',
    why: 'Streaming does not need repmgrd. Without it this node is not promoted and follows no new primary when the primary fails.',
    references: ['repmgrd: https://repmgr.org/docs/current/repmgrd-overview.html'],
  },
  judge({ manager }) {
    if (manager.kind !== 'repmgr') return notApplicable('repmgr does not manage this server');
    if (!manager.automatic) return notApplicable('failover is manual');
    if (manager.runs) return pass(`repmgrd runs with ${manager.configFile}`);
    return fail({
      message: `${manager.configFile} sets failover=automatic, but no repmgrd runs with it: this node does not take part in a failover.`,
      where: at('standby', undefined, manager.configFile),
      evidence: [evidence('failover', 'automatic', manager.configFile)],
      remedy: safe(
        'start repmgrd',
        manual(
          'standby',
          `Start repmgrd: systemctl start repmgrd as root, or as the user of the server: repmgrd -f ${manager.configFile} -d.`,
        ),
      ),
    });
  },
});

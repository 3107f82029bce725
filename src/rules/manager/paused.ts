import { safe, shell } from '../../remedies/remedy.ts';
import { throughControl } from '../../remedies/under-patroni.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const paused = defineRule({
  id: 'manager/paused',
  title: 'Patroni is paused: it starts no server, and there is no failover',
  severity: 'info',
  commands: ['postmortem'],
  needs: ['manager'],
  docs: {
    what: 'Reads patroni.dynamic.json, and notes if it has "pause": true.',
    why: 'Streaming goes on in a pause. A server that stops stays down, and a primary that fails is not replaced.',
    references: ['Pause mode: https://patroni.readthedocs.io/en/latest/pause.html'],
  },
  judge({ manager }) {
    if (manager.kind !== 'patroni') return notApplicable('Patroni does not manage this server');
    if (!manager.paused) return pass('the cluster is not paused');
    return fail({
      message: `Cluster ${manager.cluster} is paused (patronictl pause): Patroni starts and stops no server, and there is no failover.`,
      where: at('standby', undefined, manager.configFile),
      evidence: [evidence('pause', 'true', 'patroni.dynamic.json')],
      remedy: safe('end the pause', shell('standby', throughControl(manager, 'resume'), 'run')),
    });
  },
});

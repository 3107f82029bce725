import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';

/** A Deployment of several pods of PostgreSQL that have one claim: several servers on one data directory. */
export function sharedClaim(text: string): Explanation | undefined {
  for (const document of text.split(/^---[ \t]*$/mu)) {
    const kind = /^kind:[ \t]*(Deployment|ReplicaSet|StatefulSet)\b/mu.exec(document)?.[1];
    const count = Number(/^[ \t]+replicas:[ \t]*(\d+)/mu.exec(document)?.[1] ?? 1);
    const claim = /\bclaimName:[ \t]*["']?([\w.-]+)/u.exec(document)?.[1];
    const host = /\bhostPath:[ \t]*\n[ \t]+(?:type:[^\n]*\n[ \t]+)?path:[ \t]*["']?(\/[^\s"']+)/u.exec(document)?.[1];
    const place = claim ?? host;
    if (kind === undefined || count < 2 || place === undefined || !image.test(document)) continue;
    if (!dataMount.test(document)) continue;
    return shape({
      text: `${kind}: ${count} replicas with ${place}`,
      means: 'This is a workload of Kubernetes with PostgreSQL.',
      candidates: [
        finding(
          `replicas: ${count} starts ${count} servers on one data directory (${claim === undefined ? `the directory ${place} of a node` : `the claim ${place}`}). "replicas" makes no standbys: the pods do not know each other. Pods on a node that cannot mount it stay in ContainerCreating; those that do mount it destroy the data.`,
          'target/not-empty',
        ),
      ],
      advice: `Set replicas: 1 for this one at once. Standbys need volumes of their own (a StatefulSet with volumeClaimTemplates) and a base backup before their first start, or an operator (CloudNativePG, Zalando, Crunchy) that makes them.`,
      where: 'to see which pods mount it',
      command: 'kubectl get pods -o wide; kubectl get pvc',
    });
  }
  return undefined;
}

const image = /^[ \t-]+image:[ \t]*["']?\S*(?:postgres|postgis|timescale)/mu;

const dataMount = /\bmountPath:[ \t]*["']?\/(?:var\/lib\/(?:postgresql|pgsql)|bitnami\/postgresql|data|pgdata)/u;

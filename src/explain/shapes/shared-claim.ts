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
    if (kind === undefined || count < 2 || !image.test(document) || !dataMount.test(document)) continue;
    if (kind === 'StatefulSet' && /\bvolumeClaimTemplates:/u.test(document) && !copies.test(document))
      return apartFromEachOther(count);
    if (place === undefined) continue;
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

/** Each pod has a volume of its own, and nothing fills it from the first. */
const apartFromEachOther = (count: number): Explanation =>
  shape({
    text: `StatefulSet: ${count} replicas`,
    means: 'This is a workload of Kubernetes with PostgreSQL.',
    candidates: [
      finding(
        `replicas: ${count} starts ${count} servers that do not know each other: the image runs initdb in the volume of each pod, so that they are ${count} databases with system identifiers of their own. Through one service, each connection reaches another of them, and rows seem to be missing.`,
        'timeline/system-identifier-differs',
      ),
    ],
    advice:
      'Send all clients to the first pod, now, and keep the volumes of the others until it is clear that nothing was written there. A standby needs a base backup of the primary before its first start (an init container with pg_basebackup -R), or an operator (CloudNativePG, Zalando, Crunchy) that makes them.',
    where: 'to see that they differ',
    command:
      'for pod in $(kubectl get pods -l <label> -o name); do kubectl exec $pod -- psql -U postgres -Atc "SELECT system_identifier, pg_is_in_recovery() FROM pg_control_system()"; done',
  });

const copies =
  /\bpg_basebackup\b|\binitContainers:|\b(?:command|args):|REPLICATION_|REPMGR_|PATRONI_|\b(?:spilo|bitnami|repmgr|patroni)\b/u;

const image = /^[ \t-]+image:[ \t]*["']?\S*(?:postgres|postgis|timescale)/mu;

const dataMount = /\bmountPath:[ \t]*["']?\/(?:var\/lib\/(?:postgresql|pgsql)|bitnami\/postgresql|data|pgdata)/u;

import type { Answer } from '../answer.ts';

const status = 'kubectl cnpg status <cluster> -n <namespace>';

/** What the instance manager and the operator of CloudNativePG report, by what it is about. */
export const linesOfCloudNativePg: readonly Answer[] = [
  {
    id: 'cnpg-source-undefined',
    source: 'CloudNativePG 1.24, pkg/management/postgres/restore.go',
    matters: 4,
    elsewhere: true,
    means:
      'The Cluster is to be made from an external cluster, and the name in bootstrap or replica is not one of its externalClusters. Nothing was restored.',
    causes: [
      {
        cause: 'The two names differ (capitals, too), or the section is missing.',
        on: 'client',
        check:
          'kubectl get cluster <cluster> -n <namespace> -o yaml | grep -nE -A12 "externalClusters|bootstrap:|replica:"',
      },
    ],
  },
  {
    id: 'cnpg-control-data',
    source: 'CloudNativePG 1.24, pkg/management/postgres/restore.go, GetEnforcedParametersThroughPgControldata',
    matters: 4,
    elsewhere: true,
    means:
      'pg_controldata could not read what was restored: the copy is not complete, or of another major release than the image.',
    causes: [
      {
        cause: 'imageName is of another major release than the backup.',
        on: 'client',
        check:
          'kubectl get cluster <cluster> -n <namespace> -o jsonpath="{.spec.imageName}"; kubectl get backup -n <namespace>',
      },
    ],
  },
  {
    id: 'cnpg-recovery-configuration',
    source: 'CloudNativePG 1.24, pkg/management/postgres/restore.go, writeRecoveryConfiguration',
    matters: 4,
    elsewhere: true,
    means: 'The instance manager could not write the configuration for the recovery into the restored directory.',
    causes: [
      { cause: 'The volume is full or read-only.', on: 'client', check: `${status}; kubectl get pvc -n <namespace>` },
    ],
  },
  {
    id: 'cnpg-instance-down',
    source: 'CloudNativePG 1.24, internal/management/controller/instance_controller.go, Reconcile',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The instance manager runs in this pod, and PostgreSQL does not answer it: it waits. After a crash or at a start that is usual; while the instance is fenced (by hand, or for a cold volume snapshot) it is meant.',
    causes: [
      {
        cause: 'The instance is fenced: the annotation names it, or "*".',
        on: 'client',
        check:
          'kubectl get cluster <cluster> -n <namespace> -o jsonpath="{.metadata.annotations.cnpg\\.io/fencedInstances}"',
      },
      {
        cause: 'PostgreSQL does not start: its records ("logger":"postgres") say why.',
        on: 'client',
        check: 'kubectl logs <pod> -n <namespace> --tail=50 | grep -E "FATAL|PANIC|error"',
      },
    ],
    todo: 'One that was left fenced: kubectl cnpg fencing off <cluster> <instance> -n <namespace>.',
  },
  {
    id: 'cnpg-demotes',
    source: 'CloudNativePG 1.24, internal/management/controller/instance_startup.go, verifyPgDataCoherenceForPrimary',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'This instance was a primary, and the cluster has another one now or has become a replica cluster: it is demoted, rewound if needed, and follows.',
    causes: [{ cause: 'Who is the primary.', on: 'client', check: status }],
  },
  {
    id: 'cnpg-instance-course',
    source: 'CloudNativePG 1.24',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'The instance manager of CloudNativePG reports what it does. That line needs no attention.',
  },
];

import type { Answer } from '../answer.ts';

const ofOperator =
  /cnpg|cloudnative|barman-cloud|Phase Reason|phaseReason|Cluster Summary|Ready instances|instancesReportedState/iu;

/** Why the operator of CloudNativePG does not go on with a cluster: its phase, or the reason of it; `source` names the file. */
export const answersAboutCnpgPhases: readonly Answer[] = [
  {
    id: 'cnpg-unknown-plugin',
    says: [
      'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
      'requested plugin is not available: %s',
    ],
    among: ofOperator,
    source: 'cloudnative-pg, api/v1/cluster_types.go, PhaseUnknownPlugin; internal/cnpi/plugin/repository',
    matters: 5,
    elsewhere: true,
    means:
      'The cluster needs a plugin that the operator does not know. Until then it does nothing for this cluster: no new replica, no failover, no backup.',
    causes: [
      {
        cause:
          'The plugin is not installed, or not in the namespace of the operator: only services there, with the label cnpg.io/pluginName, are found.',
        on: 'client',
        check:
          'kubectl get deployments,services -A -l cnpg.io/pluginName; kubectl get deployments -A | grep -E "cnpg|barman"',
      },
      {
        cause: 'Its name is spelled differently in spec.plugins or externalClusters (barman-cloud.cloudnative-pg.io).',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -A4 -E "plugins:|plugin:"',
      },
      {
        cause: 'Its pod does not run, or has no certificates: it needs cert-manager.',
        on: 'client',
        check: 'kubectl get pods,certificates -n <namespace of the operator>',
      },
    ],
    todo: 'If it was installed after the operator and is still not found: kubectl rollout restart deployment -n <namespace of the operator> <operator>',
  },
  {
    id: 'cnpg-plugin-fails',
    says: ['Cluster cannot proceed to reconciliation due to an error while interacting with plugins'],
    source: 'cloudnative-pg, api/v1/cluster_types.go, PhaseFailurePlugin',
    matters: 4,
    elsewhere: true,
    means:
      'A plugin that the cluster needs answered the operator with an error, or did not answer. Until then the operator does nothing for this cluster.',
    causes: [
      {
        cause: 'The reason is in the phase reason, and in the logs of the plugin and the operator.',
        on: 'client',
        check:
          'kubectl get cluster <name> -o jsonpath="{.status.phaseReason}"; kubectl logs -n <namespace of the operator> deployment/<plugin> --tail=50',
      },
    ],
  },
  {
    id: 'cnpg-pod-status',
    says: ['Cannot extract Pod status'],
    source: 'cloudnative-pg, pkg/management/postgres/webserver/client/remote/instance.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The operator asks each instance for its state at port 8000 of the pod, and got no answer from this one. It waits meanwhile, or fails over.',
    causes: [
      {
        cause: '"timeout" or "deadline exceeded": a network policy keeps the operator away from the pods.',
        on: 'client',
        check: 'kubectl get networkpolicies -A; kubectl get pods -A -l app.kubernetes.io/name=cloudnative-pg',
      },
      {
        cause: '"connection refused": the instance is starting, stopping or has ended. Its own log says why.',
        on: 'client',
        check: 'kubectl get pods -l cnpg.io/cluster=<cluster>; kubectl logs <pod> -c postgres --previous --tail=30',
      },
    ],
    todo: 'Allow TCP to port 8000 of the pods from the namespace of the operator (and 5432 and 8000 among the instances).',
  },
];

import { namesPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** What the parts of Kubernetes say of a pod of PostgreSQL, in its events; `source` names the file that prints it. */
export const answersAboutKubernetesEvents: readonly Answer[] = [
  {
    id: 'claim-not-bound',
    says: [
      '%d persistentvolumeclaim "%s" not found',
      'persistentvolumeclaim "%s" not found',
      'persistentvolumeclaim "%s" is being deleted',
      'persistentvolumeclaim "%s" bound to non-existent persistentvolume "%s"',
      'no persistent volumes available for this claim and no storage class is set',
      'storageclass.storage.k8s.io "%s" not found',
      'failed to provision volume with StorageClass "%s": %s',
      'waiting for a volume to be created, either by external provisioner "%s" or manually created by system administrator',
      'Waiting for a volume to be created either by the external provisioner %s or manually by the system administrator',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/scheduler/framework/plugins/volumebinding, pkg/controller/volume/persistentvolume',
    matters: 5,
    elsewhere: true,
    means:
      'The claim of this pod has no volume (yet), so the pod is not placed on a node: neither its server nor the job that makes the copy has started.',
    causes: [
      {
        cause:
          '"not found": the claim was removed or is not made yet; a StatefulSet or an operator makes it again a moment later, empty. That is how a copy of a replica is started again; for a primary, look for its old volume first.',
        on: 'client',
        check: 'kubectl get pvc,pv; kubectl get events --sort-by=.lastTimestamp | tail -20',
      },
      {
        cause: 'The storage class does not exist, none is the default, or the class has no provisioner that answers.',
        on: 'client',
        check: 'kubectl get storageclass; kubectl describe pvc <claim> | tail -10',
      },
      {
        cause: 'The provisioner cannot make the volume (quota, zone, no space): the text behind the colon is its word.',
        on: 'client',
        check: 'kubectl get pods -A | grep -iE "csi|provisioner"',
      },
    ],
    todo: 'Do not delete a claim or a volume in order to try again: that may be the data.',
  },
  {
    id: 'volume-not-attached',
    says: [
      'AttachVolume.Attach failed for volume "%s": rpc error: %s',
      'AttachVolume.Attach failed for volume "%s": %s',
      'AttachVolume.Attach failed for volume "%s"',
      'node(s) exceed max volume count',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/controller/volume/attachdetach, pkg/volume/csi',
    matters: 5,
    elsewhere: true,
    means:
      'The volume exists, and the storage does not give it to the node of this pod, so PostgreSQL is not even started. What the storage driver says is at the end of the text.',
    causes: [
      {
        cause: 'It is still attached to another node, whose pod has not ended or which is down.',
        on: 'client',
        check: 'kubectl get volumeattachments; kubectl get pods -o wide',
      },
      {
        cause:
          'The node has as many volumes as it may have, is in another zone than the volume, or the account of the cloud has reached a limit.',
        on: 'client',
        check: 'kubectl get csinodes -o yaml | grep -B2 -A2 allocatable; kubectl get pv -o wide',
      },
      {
        cause: 'The driver itself fails ("Internal", "unknown error", a time-out): its own log says more.',
        on: 'client',
        check:
          'kubectl get pods -A | grep -i csi; kubectl logs -n <namespace> <pod of the csi controller> --all-containers --tail=50',
      },
    ],
    todo: 'Do not delete the claim: the data is on it.',
  },
  {
    id: 'claim-waits-for-pod',
    says: ['waiting for first consumer to be created before binding'],
    among: namesPostgres,
    source: 'Kubernetes, pkg/controller/volume/persistentvolume (WaitForFirstConsumer)',
    kind: 'course',
    means:
      'The storage class makes the volume only when a pod that uses the claim is placed on a node. By itself this is not a fault. If it stays so, that pod has not been made, or cannot be placed.',
  },
  {
    id: 'volume-not-resized',
    says: [
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      'spec is immutable after creation except resources.requests',
      'Waiting for user to (re-)start a pod to finish file system resize of volume on node.',
      'can not be less than status.capacity',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/apis/core/validation, plugin/pkg/admission/storage/persistentvolume/resize',
    matters: 4,
    elsewhere: true,
    means:
      'The volume was not made larger: a claim can only grow, only where its storage class allows it (allowVolumeExpansion), and for some drivers only when its pod is started again.',
    causes: [
      {
        cause: 'Whether the class allows it, and what the claim says.',
        on: 'client',
        check:
          'kubectl get storageclass -o custom-columns=NAME:.metadata.name,EXPAND:.allowVolumeExpansion; kubectl describe pvc <claim> | tail -12',
      },
    ],
    todo: 'If the class cannot: make a new replica on a larger volume (operators do so when its claim and pod are new), let it stream, switch over to it, and replace the old one.',
  },
  {
    id: 'pod-forgotten',
    says: [
      'MountVolume.SetUp failed for volume "%s": object "%s"/"%s" not registered',
      'object "%s"/"%s" not registered',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/kubelet/util/manager/watch_based_manager.go',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The kubelet has already put this pod away when it says this, because the pod ended or is being deleted: the config map or secret is not what is wrong.',
    causes: [
      {
        cause: 'The pod (often that of a job) ended: its own log has the reason.',
        on: 'client',
        check: 'kubectl get pods; kubectl logs <pod> --all-containers --tail=50',
      },
    ],
  },
  {
    id: 'pod-lacks-secret',
    says: [
      'MountVolume.SetUp failed for volume "%s": secret "%s" not found',
      'MountVolume.SetUp failed for volume "%s": configmap "%s" not found',
      'MountVolume.SetUp failed for volume "%s": references non-existent secret key: %s',
      'MountVolume.SetUp failed for volume "%s": references non-existent config key: %s',
      "Error: couldn't find key %s in Secret %s",
      "Error: couldn't find key %s in ConfigMap %s",
      'Error: secret "%s" not found',
      'Error: configmap "%s" not found',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/volume/secret, pkg/volume/util, pkg/kubelet/kubelet_pods.go',
    matters: 5,
    elsewhere: true,
    means:
      'The container is not started: a secret or config map that it needs (passwords, certificates, settings) does not exist in this namespace, or has no key of this name.',
    causes: [
      {
        cause:
          'It has another name, is in another namespace, or has other keys than the pod asks for (existingSecret of a chart).',
        on: 'client',
        check: 'kubectl get secrets,configmaps; kubectl describe secret <secret>',
      },
      { cause: 'The operator or cert-manager that makes it does not run, or has not come to it yet.' },
    ],
    todo: 'A secret that is made again gets new passwords, while the roles in the volume keep the old ones: restore the old secret, if it was deleted.',
  },
  {
    id: 'pod-not-admitted',
    says: [
      'is forbidden: violates PodSecurity "%s": %s',
      'container has runAsNonRoot and image will run as root',
      'container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root',
      'unable to validate against any security context constraint: %s',
      'unable to validate against any pod security policy: %s',
      'forbidden: exceeded quota: %s',
      'must specify limits.cpu,limits.memory',
    ],
    among: namesPostgres,
    source:
      'Kubernetes, staging/src/k8s.io/pod-security-admission, pkg/kubelet/kuberuntime/security_context.go; OpenShift',
    matters: 5,
    elsewhere: true,
    means:
      'The rules of this cluster or namespace do not let the pod be made as it is written: the text says which of them (user id, capabilities, quota).',
    causes: [
      {
        cause: 'What the pod asks for, and what the namespace allows.',
        on: 'client',
        check: 'kubectl get namespace <namespace> --show-labels; kubectl get resourcequota; kubectl get events | tail',
      },
    ],
    todo: 'On OpenShift leave runAsUser and fsGroup out, and the namespace gives them (for charts of Bitnami: global.compatibility.openshift.adaptSecurityContext=force). Otherwise run as the user id of the image (999, 70, 26, 1001). Do not change the owner of a volume whose server runs.',
  },
  {
    id: 'operator-webhook',
    says: [
      'failed calling webhook "%s": failed to call webhook: Post "%s": %s',
      'failed calling webhook "%s": Post "%s": %s',
      'failed calling webhook "%s": %s',
    ],
    among: namesPostgres,
    source: 'Kubernetes, staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook',
    matters: 5,
    elsewhere: true,
    means:
      'Kubernetes asks the operator before it accepts this object, and got no answer: nothing was made or changed. The reason is at the end of the text.',
    causes: [
      {
        cause:
          '"connection refused", "no endpoints available": the pod of the operator does not run, or has just been started.',
        on: 'client',
        check:
          'kubectl get pods -A | grep -iE "operator|controller-manager|cnpg"; kubectl get endpoints -A | grep webhook',
      },
      {
        cause:
          '"context deadline exceeded", a time-out: the API server does not reach the pod (port 9443 or 443): a firewall of the cloud (private clusters of GKE), a NetworkPolicy, a network that the control plane is not part of (EKS with another CNI: hostNetwork for the operator).',
        on: 'client',
        check: 'kubectl get networkpolicy -A; kubectl get svc -A | grep webhook',
      },
      {
        cause:
          '"x509": the certificate of the webhook is not the one that its configuration trusts: restart the operator.',
        on: 'client',
        check: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
      },
    ],
    todo: 'The servers that run go on without the operator; it only cannot change or fail over anything until this is repaired.',
  },
  {
    id: 'operator-may-not',
    says: [
      '%s is forbidden: User "system:serviceaccount:%s" cannot %s resource "%s" in API group "%s" in the namespace "%s"',
      '%s is forbidden: User "system:serviceaccount:%s" cannot %s resource "%s" in API group "%s" at the cluster scope',
      'is forbidden: User "system:serviceaccount:%s" cannot %s resource "%s"',
    ],
    among: namesPostgres,
    source: 'Kubernetes, staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go',
    matters: 5,
    elsewhere: true,
    means:
      'The service account of this pod may not do that in Kubernetes: a role or its binding is missing or older than the program. Patroni keeps its leader lock in such objects, and cannot lead or follow without them.',
    causes: [
      {
        cause: 'What the account may do.',
        on: 'client',
        check:
          'kubectl auth can-i --list --as=system:serviceaccount:<namespace>:<account> -n <namespace>; kubectl get rolebinding,clusterrolebinding -A | grep <account>',
      },
    ],
    todo: 'Apply the roles of the release that runs (after an update of an operator: its RBAC file, too; a chart: rbac.create=true, serviceAccount.create=true).',
  },
  {
    id: 'operator-kind-missing',
    says: [
      'no matches for kind "%s" in version "%s"',
      'unable to recognize "%s": no matches for kind "%s" in version "%s"',
      'ensure CRDs are installed first',
    ],
    among: namesPostgres,
    source: 'Kubernetes, staging/src/k8s.io/apimachinery/pkg/api/meta/errors.go',
    matters: 5,
    elsewhere: true,
    means:
      'Kubernetes does not know this kind of object: the custom resource definitions of the operator are not installed, or only in another version.',
    causes: [
      {
        cause: 'Which it has, and in which versions.',
        on: 'client',
        check: 'kubectl get crd | grep -iE "postgres|cnpg"; kubectl api-resources | grep -iE "postgres|cnpg"',
      },
    ],
    todo: 'Install the operator (with its CRDs) first, then the cluster. Do not delete a CRD that is there: all clusters of this kind would go with it.',
  },
  {
    id: 'object-modified',
    says: [
      'the object has been modified; please apply your changes to the latest version and try again',
      'Operation cannot be fulfilled on %s: the object has been modified',
    ],
    among: namesPostgres,
    source: 'Kubernetes, staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go',
    kind: 'course',
    means:
      'Two wanted to change the same object at once. The operator reads it again and tries again; this is ordinary.',
  },
  {
    id: 'statefulset-fixed',
    says: [
      'updates to statefulset spec for fields other than %s are forbidden',
      'StatefulSet.apps "%s" is invalid: spec: Forbidden: updates to statefulset spec for fields other than %s',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/apis/apps/validation/validation.go, ValidateStatefulSetUpdate',
    matters: 5,
    elsewhere: true,
    means:
      'Kubernetes does not change these fields of a StatefulSet (the size of the claims, the selector, the name of the service). Nothing was changed; the servers run on.',
    todo: 'Let the StatefulSet be made again around its pods: kubectl delete statefulset <name> --cascade=orphan (pods and claims stay), then apply or upgrade again. A larger volume: change the claims themselves (kubectl patch pvc) before that.',
  },
  {
    id: 'bitnami-upgrade-passwords',
    says: [
      'PASSWORDS ERROR: You must provide your current passwords when upgrading the release',
      'PASSWORDS ERROR: you must provide your current passwords when upgrade the release',
    ],
    among: /postgres|pgpool|repmgr/iu,
    source: 'bitnami/charts, bitnami/common/templates/_errors.tpl',
    matters: 5,
    elsewhere: true,
    means:
      'The chart refuses the upgrade: it would make new passwords for its secret, while the roles in the volume keep those of the first installation, and replicas and Pgpool-II could not log in any more.',
    causes: [
      {
        cause: 'The passwords that apply are in the secret of the release, if it is still there.',
        on: 'client',
        check: 'kubectl get secrets; kubectl describe secret <release>-postgresql',
      },
    ],
    todo: 'Give the present ones to helm upgrade, as the text says (auth.postgresPassword, auth.password, auth.replicationPassword; postgresql-ha: postgresql.password, postgresql.repmgrPassword, pgpool.adminPassword), or name the secret with auth.existingSecret.',
  },
  {
    id: 'pod-evicted',
    says: [
      'The node was low on resource: %s',
      'The node had condition: [%s].',
      'Pod ephemeral local storage usage exceeds the total limit of containers %s',
      'Container %s exceeded its local ephemeral storage limit "%s"',
      'Usage of EmptyDir volume "%s" exceeds the limit "%s"',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/kubelet/eviction',
    matters: 5,
    elsewhere: true,
    means:
      'The kubelet ended the pod because its node, or the pod beyond its limit, ran out of what the text names. What was on a claim is still there; what was in an emptyDir or in the container itself is gone.',
    causes: [
      {
        cause:
          'ephemeral-storage: logs, temporary files or the data directory itself are written into the container or an emptyDir, not to the volume.',
        on: 'client',
        check: 'kubectl describe pod <pod> | grep -A12 -E "Mounts:|Volumes:"; kubectl exec <pod> -- df -h',
      },
      {
        cause: 'memory: the node has too little; pods that use more than they request go first.',
        on: 'client',
        check: 'kubectl describe node <node> | grep -A10 -E "Conditions:|Allocated resources"',
      },
    ],
    todo: 'Request what the server needs (requests equal to limits), and keep the data directory and its logs on the claim.',
  },
];

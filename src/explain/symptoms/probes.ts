import { standby } from './symptom.ts';
import type { Symptom } from './symptom.ts';

const asksTooEarly: Omit<Symptom, 'all'> = {
  means:
    'A probe asks a server that cannot answer yet: during the base backup and until recovery is consistent. Its restart ends the copy, the remains stay on the volume, and the next start begins with them.',
  causes: [
    {
      cause: 'The copy or recovery takes longer than the startup (or liveness) probe allows.',
      on: 'client',
      check:
        'kubectl describe pod <pod> | grep -iE "liveness|readiness|startup|killing|unhealthy"; kubectl logs <pod> --previous | tail -30',
    },
    {
      cause: 'After the first restart: an incomplete directory ("is not a valid data directory", PG_VERSION missing).',
      on: 'client',
      check: 'kubectl exec <pod> -- ls -la <data directory>',
    },
  ],
  todo: 'Give the pod a startupProbe with a failureThreshold for the whole copy (size divided by speed), or turn the liveness probe off meanwhile. Then empty the volume of that replica only, never that of the primary, and let it copy again.',
  where: 'before the copy',
  command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
};

/** A probe of Kubernetes that ends a copy or a recovery: named in the sentence, or shown beside it. */
export const symptomsOfProbes: readonly Symptom[] = [
  {
    all: [
      /\b(?:empty|fresh|brand[- ]new|stand-?alone)\b.{0,30}\b(?:database|server|cluster|instance|db|primary)\b|\b(?:los(?:es|t)|without) (?:all |its |the )*data\b/iu,
      /\b(?:every|each|always|again|after|when)\b/iu,
      /\b(?:re-?start\w*|re-?creat\w*|down|up|re-?deploy\w*|reboot\w*)\b/iu,
    ],
    beside: /^(?=[^]*\b(?:docker|compose|container|podman|pod|kubernetes)\b)(?=[^]*(?:postgres|\bpg))/iu,
    means:
      'A container keeps its data only in a volume. Without one, each new container begins with an empty directory, and the image runs initdb: an ordinary empty server, which follows no primary.',
    causes: [
      {
        cause:
          'No volume is mounted where the image keeps its data (/var/lib/postgresql/data up to 17, /var/lib/postgresql from 18 on).',
        on: 'client',
        check:
          'docker inspect <container> --format "{{json .Mounts}}"; docker exec <container> psql -U postgres -c "SHOW data_directory" -c "SELECT pg_is_in_recovery()"',
      },
      {
        cause:
          'The copy is not made before the server starts: pg_basebackup -R has to fill the empty volume in the entrypoint, and only then.',
        on: 'client',
        check: 'docker logs <container> 2>&1 | grep -iE "initdb|basebackup|standby" | head',
      },
    ],
    todo: 'Give the service a named volume, and make the copy once: [ -s "$PGDATA/PG_VERSION" ] || pg_basebackup -h <primary> -U <role> -D "$PGDATA" -X stream -R.',
    where: 'before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    all: [
      /\b(?:readiness|liveness|startup|health|kubernetes|kubelet|livenessProbe|readinessProbe)\b.{0,20}\bprobes?\b|\b(?:liveness|readiness|startup)Probe\b|\bcrash(?:loop)?[ -]?back-?off\b|\bprobes?\b.{0,20}\b(?:too )?aggressive\b/iu,
      /\b(?:restart\w*|kill\w*|interrupt\w*|stuck|loops?|crash\w*|aggressive|timeouts?|times? out)\b/iu,
      // a program that is no server of a database has probes too
      /\b(?:postgres\w*|pg_\w+|databases?|db|replica\w*|replicat\w+|slaves?|standbys?|secondar\w+|master|primary|patroni|cnpg|cloudnative-?pg|stolon|spilo|repmgr|bitnami|base ?backup|recovery|WAL)\b/iu,
      /\b(?:replicat\w+|import\w*|cop(?:y|ies|ying)|clon(?:e|es|ing)|sync\w*|creation|base ?backup|large|long|recover\w*|slave|standby|replica)\b/iu,
    ],
    ...asksTooEarly,
  },
  {
    all: [
      standby,
      /\brestart\w*|\bkill\w*|\bcrash\w*|\bterminat\w*/iu,
      /\b(?:pg_basebackup|base ?backup|clon\w*|cop(?:y|ies|ying)|init\w*|recover\w*|replay\w*|start\w*)\b/iu,
    ],
    beside: /\b(?:liveness|startup)Probe:/u,
    ...asksTooEarly,
  },
];

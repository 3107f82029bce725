import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** The value behind a key of YAML or of repmgr.conf, wherever it stands. */
const valueOf = (text: string, key: string): string | undefined =>
  new RegExp(`^[ \\t-]*${key}[ \\t]*[:=][ \\t]*["']?([^"'\\n#]*?)["']?[ \\t]*(?:#.*)?$`, 'mu').exec(text)?.[1];

const hasKey = (text: string, key: string): boolean => new RegExp(`^[ \\t-]*${key}[ \\t]*[:=]`, 'mu').test(text);

const when = (condition: boolean, cause: string, rule: string | null = null): readonly Finding[] =>
  condition ? [finding(cause, rule)] : [];

export function repmgrConfiguration(text: string): Explanation | undefined {
  if (/^[^\S\n]*cluster\s*=/mu.test(text) && /^[^\S\n]*node\s*=/mu.test(text) && hasKey(text, 'conninfo'))
    return shape({
      text: 'repmgr.conf',
      means:
        'This is repmgr.conf of a release before 4.0. Since then node is node_id, cluster is gone, and data_directory is needed.',
      where: 'to see which release runs',
      command: 'repmgr --version',
    });
  if (!/^[^\S\n]*node_id\s*=/mu.test(text) || !/^[^\S\n]*(?:node_name|conninfo)\s*=/mu.test(text)) return undefined;
  const conninfo = /^[^\S\n]*conninfo\s*=\s*'?([^'\n]*)/mu.exec(text)?.[1] ?? '';
  const automatic = valueOf(text, 'failover') === 'automatic';
  return shape({
    text: 'repmgr.conf',
    means: `This is repmgr.conf of node ${valueOf(text, 'node_name') ?? ''} (ID ${valueOf(text, 'node_id') ?? ''}).`,
    candidates: [
      ...when(!hasKey(text, 'data_directory'), 'data_directory is missing: repmgr does not work without it.'),
      ...when(
        /\bhost=(?:localhost|127\.0\.0\.1|::1)\b/u.test(conninfo),
        'The host in conninfo leads to the machine itself: the other nodes use this string, too. Write a name or address that all of them reach.',
      ),
      ...when(
        conninfo !== '' && !/\bhost(?:addr)?=/u.test(conninfo),
        'conninfo names no host: the other nodes use it, too.',
      ),
      ...when(!/\bdbname=/u.test(conninfo), 'conninfo names no database: that of repmgr must be in it.'),
      ...when(
        automatic && (!hasKey(text, 'promote_command') || !hasKey(text, 'follow_command')),
        'failover is automatic, and promote_command or follow_command is missing: repmgrd does not start.',
      ),
      ...when(
        automatic && hasKey(text, 'follow_command') && !/follow_command.*%n/u.test(text),
        'follow_command has no --upstream-node-id=%n: a node may follow the wrong primary after a failover.',
      ),
    ],
    where: 'to see the nodes',
    command: 'repmgr -f /etc/repmgr.conf cluster show',
  });
}

export function patroniConfiguration(text: string): Explanation | undefined {
  const ofPatroni =
    hasKey(text, 'scope') ||
    hasKey(text, 'restapi') ||
    hasKey(text, 'create_replica_methods') ||
    hasKey(text, 'loop_wait');
  if (!ofPatroni || !/^[^\S\n]*(?:postgresql|bootstrap|dcs)\s*:/mu.test(text)) return undefined;
  const own = [...text.matchAll(/^[^\S\n]*connect_address\s*:\s*["']?([^"'\s#]+)/gmu)].map(
    ([, address = '']) => address,
  );
  const methods = /create_replica_methods?\s*:\s*\n((?:\s*-\s*\S+\n?)+)/u.exec(text)?.[1]?.match(/[\w-]*\w/gu) ?? [];
  return shape({
    text: 'Patroni configuration',
    means: 'This is configuration of Patroni.',
    candidates: [
      ...own
        .filter((address) => /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1?\]?)(?::|$)/u.test(address))
        .slice(0, 1)
        .map((address) =>
          finding(
            `connect_address is ${address}: the other members copy from and follow this address. It must be one that they reach.`,
          ),
        ),
      ...when(
        hasKey(text, 'authentication') && !/^[^\S\n]*replication\s*:/mu.test(text),
        'postgresql.authentication has no replication user.',
      ),
      ...when(
        methods.length > 0,
        `New replicas are made by ${methods.join(', then by ')}: where the first fails, its own log or output says why.`,
      ),
      ...when(
        /^[^\S\n]*bootstrap\s*:/mu.test(text),
        'What is under bootstrap applies only once, when the cluster is made. Change it later with patronictl edit-config.',
      ),
    ],
    where: 'to see the members',
    command: 'patronictl list',
  });
}

/** pgbackrest.conf: sections, with options that begin with pg1-, repo1- and the like. */
export function pgBackRestConfiguration(text: string): Explanation | undefined {
  if (!/^[^\S\n]*\[[\w:.-]+\]\s*$/mu.test(text) || !/^[^\S\n]*(?:pg|db|repo)\d+-[\w-]+\s*=/mu.test(text))
    return undefined;
  const servers = new Set(
    [...text.matchAll(/^[^\S\n]*(?:pg|db)(\d+)-(?:path|host)\s*=/gmu)].map(([, number]) => number),
  );
  return shape({
    text: 'pgbackrest.conf',
    means: 'This is configuration of pgBackRest.',
    candidates: [
      ...when(
        /^[^\S\n]*backup-standby\s*=\s*(?:y|prefer)/mu.test(text) && servers.size < 2,
        'backup-standby is set, and only one server is listed: a backup from a standby needs the primary as well (pg1-… and pg2-…).',
      ),
      ...when(
        /^[^\S\n]*db\d+-/mu.test(text),
        'Options that begin with db1- are the old names of those that begin with pg1-.',
      ),
      ...when(
        servers.size > 0 && !/^[^\S\n]*repo\d+-/mu.test(text),
        'No repository is named: it is /var/lib/pgbackrest on this host.',
      ),
      ...when(
        /^[^\S\n]*archive-async\s*=\s*y/mu.test(text) && !hasKey(text, 'spool-path'),
        'archive-async without spool-path: /var/spool/pgbackrest must be writable for the user of the server.',
      ),
    ],
    where: 'to check it',
    command: 'sudo -u postgres pgbackrest --stanza=<stanza> check',
  });
}

/** Barman's configuration of a server. */
export function barmanConfiguration(text: string): Explanation | undefined {
  if (
    !/^[^\S\n]*\[[\w.-]+\]\s*$/mu.test(text) ||
    !/^[^\S\n]*(?:backup_method|streaming_conninfo|barman_home)\s*=/mu.test(text)
  )
    return undefined;
  const method = valueOf(text, 'backup_method');
  const streams = /^[^\S\n]*streaming_archiver\s*=\s*(?:on|true|1)/mu.test(text);
  return shape({
    text: 'configuration of Barman',
    means: 'This is configuration of Barman.',
    candidates: [
      ...when(
        (streams || method === 'postgres') && !hasKey(text, 'streaming_conninfo'),
        'streaming_conninfo is missing: pg_basebackup and receive-wal need a role with REPLICATION.',
      ),
      ...when(
        streams && !hasKey(text, 'slot_name'),
        'streaming_archiver is on without slot_name: the server may remove WAL before Barman has it.',
      ),
      ...when(
        streams && hasKey(text, 'slot_name') && valueOf(text, 'create_slot') !== 'auto',
        'create_slot is not auto: the slot must be created with barman receive-wal --create-slot.',
      ),
      ...when(
        method === 'rsync' && !hasKey(text, 'ssh_command'),
        'backup_method is rsync, and ssh_command is missing.',
      ),
    ],
    where: 'to check it, on the Barman host',
    command: 'barman check <server>',
  });
}

/** The resources by which operators are told what to run. */
const operators: readonly (readonly [RegExp, string, string, string])[] = [
  [/postgresql\.cnpg\.io\//u, 'CloudNativePG', 'instances', 'kubectl cnpg status <cluster>'],
  [/acid\.zalan\.do\//u, 'the Zalando operator', 'numberOfInstances', 'kubectl exec <pod> -- patronictl list'],
  [
    /postgres-operator\.crunchydata\.com\//u,
    'the operator of Crunchy Data',
    'replicas',
    'kubectl exec <pod> -c database -- patronictl list',
  ],
  [/stackgres\.io\//u, 'StackGres', 'instances', 'kubectl exec <pod> -c patroni -- patronictl list'],
  [/kubegres\.reactive-tech\.io\//u, 'Kubegres', 'replicas', 'kubectl get pods -l app=<cluster>'],
  [/pgv2\.percona\.com\//u, 'the operator of Percona', 'replicas', 'kubectl exec <pod> -c database -- patronictl list'],
];

export function operatorResource(text: string): Explanation | undefined {
  const api = /^[^\S\n]*apiVersion\s*:\s*["']?(\S+?)["']?\s*$/mu.exec(text)?.[1] ?? '';
  const [, operator, count = '', command = postmortem] = operators.find(([mark]) => mark.test(api)) ?? [];
  if (operator === undefined) return undefined;
  const instances = valueOf(text, count);
  return shape({
    text: `${valueOf(text, 'kind') ?? 'resource'} of ${operator}`,
    means: `This tells ${operator} what to run${instances === undefined || instances === '' ? '' : `: ${count} is ${instances}`}.`,
    candidates: [
      ...when(
        /^[^\S\n]*phase\s*:\s*walArchivingFailing/mu.test(text),
        'Its phase is walArchivingFailing: a backup ends only when the WAL of the primary is archived. The log of the primary (or of the barman-cloud plugin) says why archiving fails.',
        'primary/archive-failing',
      ),
      ...when(instances === '1', 'With one instance the cluster has no standby.'),
      ...when(
        operator === 'CloudNativePG' && /^[^\S\n]*replica\s*:/mu.test(text),
        'It is a replica cluster: it follows the server under externalClusters, which must let its replication user in.',
      ),
      ...when(
        operator === 'CloudNativePG' && /^[^\S\n]*(?:recovery|pg_basebackup)\s*:/mu.test(text),
        'bootstrap applies only when the cluster is made. After that, a change has no effect.',
      ),
      ...when(
        /^[^\S\n]*standby\s*:/mu.test(text),
        'It is a standby cluster: its leader follows another primary, and needs the passwords of that one.',
      ),
    ],
    advice: 'What goes wrong is in the status of the resource (kubectl describe) and in the log of the instance.',
    where: 'to see the instances',
    command,
  });
}

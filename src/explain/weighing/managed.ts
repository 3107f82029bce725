import type { Answer, Candidate } from '../answer.ts';
import { logicalSlotGivenUp } from '../answers/logical-slots.ts';
import type { Seen } from '../seen.ts';

/** A provider that runs the server: its files, its machine and a superuser are out of reach there. */
export interface ManagedService {
  readonly name: string;
  /** Its hosts, roles and own words. */
  readonly mark: RegExp;
  /** Where its settings are. */
  readonly settings: string;
  /** How logical decoding is switched on. */
  readonly logical: string;
  /** Who gets in over the network. */
  readonly network: string;
  /** A role that may use logical replication. */
  readonly role: string;
  /** How it makes a standby. */
  readonly replica: string;
  /** Its servers have IPv6 addresses only, unless more is paid for. */
  readonly isV6Only?: true;
}

const rds: ManagedService = {
  name: 'Amazon RDS or Aurora',
  // its log_line_prefix is %t:%r:%u@%d:[%p]: and cannot be changed
  mark: /(?<=\d )UTC:(?:[\w.:-]+\(\d+\))?:[^\s:@]*@[^\s:]*:\[\d+\]:(?=(?:LOG|WARNING|ERROR|FATAL|DETAIL|HINT|STATEMENT):)|\.rds\.amazonaws\.com(?:\.cn)?\b|\brds(?:admin|repladmin)\b|\brds_superuser\b|\b(?:RDS|Aurora) for PostgreSQL\b|\bAurora PostgreSQL\b|\bRDS (?:read replica|instance|console|Postgre[sS]\w*)\b|\b(?:AWS|Amazon) (?:RDS|Aurora)\b/u,
  settings: 'the parameter group (Aurora: of the cluster); a static parameter needs a reboot of the instance',
  logical:
    'Set rds.logical_replication = 1 in the parameter group of the publisher (Aurora: in that of the cluster), and reboot it: wal_level is then logical.',
  network:
    'See the inbound rules of its security group (port 5432 from the address of the client), and "publicly accessible" if the client is outside the VPC.',
  role: 'As the master user: GRANT rds_replication TO {role};',
  replica: 'aws rds create-db-instance-read-replica makes a standby there',
};

const azure: ManagedService = {
  name: 'Azure Database for PostgreSQL',
  mark: /\.postgres\.database\.azure\.com\b|\bazure_pg_admin\b|\bAzure Database for PostgreSQL\b|\bAzure (?:Postgres\w*|PG)?[- ]?Flexible Server\b/iu,
  settings: 'its server parameters; a static one needs a restart of the server in the portal',
  logical: 'Set wal_level = logical in the server parameters of the publisher, and restart it in the portal.',
  network:
    'See its firewall rules (public access: the address of the client must be in one) or, with private access, the virtual network.',
  role: 'As the administrator: ALTER ROLE {role} WITH REPLICATION;',
  replica: 'az postgres flexible-server replica create makes a standby there',
};

const cloudSql: ManagedService = {
  name: 'Google Cloud SQL',
  mark: /\bcloudsqladmin\b|\bcloudsql(?:superuser|replica)\b|\bcloudsql_database\b|\bcloudsql\.googleapis\.com\b|\bCloud SQL (?:for PostgreSQL|(?:read )?replica|instance|Postgres\w*)\b|\b(?:Google|GCP) Cloud SQL\b|\bcloud[-_ ]?sql[-_ ]?(?:proxy|connector)\b/iu,
  settings: 'the flags of the instance (gcloud sql instances patch --database-flags); some restart it',
  logical: 'Set the flag cloudsql.logical_decoding = on of the publisher: the instance restarts.',
  network: 'See its authorized networks, or connect by the Cloud SQL Auth Proxy or by private IP.',
  role: 'ALTER USER {role} WITH REPLICATION; as a user that has cloudsqlsuperuser.',
  replica: 'gcloud sql instances create <name> --master-instance-name=<primary> makes a standby there',
};

const ofConsole = (name: string, mark: RegExp): ManagedService => ({
  name,
  mark,
  settings: 'its console, as far as it offers them',
  logical: 'Switch logical replication on in its console, where it is not on already.',
  network: 'See the list of allowed addresses in its console.',
  role: 'Use the role of the console, or give {role} the right there.',
  replica: 'a read replica is made in its console',
});

const services: readonly ManagedService[] = [
  rds,
  azure,
  cloudSql,
  { ...ofConsole('Supabase', /\.supabase\.(?:co|com)\b/u), isV6Only: true },
  ofConsole('Neon', /\.neon\.tech\b/u),
  ofConsole('Aiven', /\.aivencloud\.com\b|\bAiven for PostgreSQL\b/u),
  ofConsole('DigitalOcean', /\.db\.ondigitalocean\.com\b/u),
];

/** Where a text names one of them, and no second one. What is called by its name alone may be another server of theirs. */
export function managedServiceIn(text: string): ManagedService | undefined {
  const said = text.replaceAll(leftBehind, '');
  const [only, second] = services.filter(({ mark }) => mark.test(said));
  if (only === undefined || second !== undefined) return undefined;
  const isMet = [...said.matchAll(new RegExp(only.mark, `${only.mark.flags}g`))].some(
    ([word]) => !isProduct.test(word),
  );
  return isMet || !hasOwnServers.test(said) ? only : undefined;
}

/** "We migrated from Amazon RDS to two machines of our own": it runs there no more. */
const leftBehind =
  /\b(?:migrat\w+|moved?|moving|switch\w+|came|went) (?:away |off |over |out )?(?:from|off|of) [^.\n;]{0,60}?(?= to |[.\n;]|$)/giu;

const isProduct = /PostgreSQL$|proxy$|connector$/iu;

const hasOwnServers =
  /\b(?:(?:our|my) own (?:servers?|machines?|VMs?|hardware)|self[- ]?(?:hosted|managed)|on[- ]?prem\w*|bare[- ]metal|no longer|instead of|used to (?:be|run|use|have))\b|\/(?:etc|var\/lib)\/postgres/iu;

/** What a refusal means there: a line of pg_hba.conf, a setting or a superuser is no way out. */
export function ofManagedService(seen: Seen, service: ManagedService): Answer | undefined {
  const { recognition, answer } = seen;
  if (isOfAnotherHost(seen, service)) return undefined;
  if (answer?.elsewhere === true) return withoutItsMachine(answer);
  const id = recognition?.entry.variantOf ?? recognition?.id ?? answer?.id ?? '';
  if (/^(?:no-hba|hba-rejects)-replication$/u.test(id)) return refusesStandbys(service);
  if (id === 'pgbouncer-replication' && answer !== undefined)
    return within(
      service,
      answer,
      `a subscription or a CDC program connects to the direct host of the database, not to the pooler. A standby of your own is not possible there: ${service.replica}.`,
    );
  if (/^(?:no-hba|hba-rejects)-database$/u.test(id)) return refusesSession(service, seen.text);
  if (/^slot-(?:invalidating|no-longer-accessible|terminating-process)$/u.test(id) && !ofItsReplica.test(seen.text))
    return withoutItsMachine(logicalSlotGivenUp);
  if (id === 'requested-wal-removed' && answer !== undefined)
    return within(
      service,
      answer,
      `a replica of ${service.name} takes what its primary has removed from the archive of the service: wait, and watch its lag. Where its state stays at an error: ${service.replica}; delete the old one when the new one is there.`,
    );
  if (/^(?:logical-wal-level|logical-decoding-standby-wal-level)$/u.test(id) && answer !== undefined)
    return within(service, answer, service.logical);
  if (/^(?:walsender-permission|slot-permission-denied|create-replication-role)$/u.test(id) && answer !== undefined)
    return within(service, { ...answer, causes: [{ cause: noSuperuser(service) }] }, service.role);
  if (id === 'os-enetunreach' || (id === 'libpq-errno-noroute' && service.isV6Only === true))
    return notReached(service);
  if (/^libpq-errno-(?:refused|timedout|noroute)$|^libpq-timeout-expired$/u.test(id)) return notReached(service);
  return recognition?.entry.topic === 'settings' && answer !== undefined
    ? within(service, answer, `There, it is set in ${service.settings}.`)
    : answer && withoutItsMachine(answer);
}

/** A slot for a standby of the service's own. */
const ofItsReplica = /slot "(?:rds|azure|cloudsql|repl|_)/u;

/** A machine and a data directory that cannot be reached. */
const withoutItsMachine = (answer: Answer): Answer => ({
  ...answer,
  causes: (answer.causes ?? []).map((one) => (ofItsServers.test(one.on ?? 'standby') ? withoutItsFiles(one) : one)),
  elsewhere: true,
});

const ofItsServers = /^(?:standby|primary|server|old primary)$/u;

/** The message is of a connection to a server of one's own. */
function isOfAnotherHost({ recognition }: Seen, { mark }: ManagedService): boolean {
  const connection = recognition?.connection;
  return connection?.kind === 'tcp' && /\.|\d/u.test(connection.host) && !mark.test(connection.host);
}

const noSuperuser = ({ name }: ManagedService): string =>
  `${name} gives out no superuser; what its administrator may do differs from the manual of PostgreSQL.`;

/** The same meaning, with what can be typed there. */
const within = (service: ManagedService, answer: Answer, todo: string): Answer => ({
  ...answer,
  causes: (answer.causes ?? []).map(withoutItsFiles),
  todo: `${todo.charAt(0).toUpperCase()}${todo.slice(1)}`,
  steps: false,
  elsewhere: true,
  means: `${answer.means} The text names ${service.name}, where its configuration files and its machine are out of reach.`,
});

/** Only SQL reaches the server. */
const withoutItsFiles = (candidate: Candidate): Candidate => {
  const { check, on, ...rest } = candidate;
  return check === undefined || (on !== 'client' && !check.startsWith('psql '))
    ? rest
    : { ...rest, check, ...(on === undefined ? {} : { on }) };
};

const refusesStandbys = ({ name, replica }: ManagedService): Answer => ({
  id: 'managed-no-physical',
  matters: 5,
  steps: false,
  elsewhere: true,
  means: `${name} refuses a physical replication connection from outside. It has no line of pg_hba.conf for that, and none can be added: pg_basebackup and a standby of your own are not possible there.`,
  causes: [
    {
      cause:
        'pg_basebackup, pg_receivewal or a standby was pointed at it. A logical client asks for a database instead (replication=database).',
    },
  ],
  todo: `Instead, ${replica}. A copy outside takes logical replication (a subscription) or pg_dump.`,
});

function refusesSession({ name, network }: ManagedService, text: string): Answer {
  const inTheClear = /no encryption|SSL off/u.test(text);
  const tls: Candidate = {
    cause:
      'It takes encrypted connections only: use sslmode=require (or verify-full with the certificate of the service).',
    on: 'client',
    check: 'psql "host={server|<host>} user={role|<role>} dbname={database|<database>} sslmode=require" -c "SELECT 1"',
  };
  const address: Candidate = { cause: `The address of the client is not allowed. ${network}` };
  return {
    id: 'managed-refuses',
    matters: 5,
    steps: false,
    elsewhere: true,
    means: `${name} refuses the connection. Its pg_hba.conf is written by the service and cannot be changed: what it lets in is set elsewhere.`,
    causes: [
      ...(inTheClear ? [tls, address] : [address]),
      { cause: 'The name of the database or of the role is wrong, or one that the service keeps for itself.' },
    ],
  };
}

const ofV6: Candidate = {
  cause:
    'db.<project>.supabase.co has an IPv6 address only, and this machine, container or runner has no IPv6: use the pooler of the project in session mode, or its IPv4 add-on (a subscription needs the direct connection).',
  on: 'client',
  check: 'ip -6 route show default; getent ahosts <host>',
};

const notReached = ({ name, network, isV6Only }: ManagedService): Answer => ({
  id: 'managed-not-reached',
  matters: 5,
  steps: false,
  elsewhere: true,
  means: `The client got no connection to ${name}. listen_addresses and the firewall of a machine cannot be changed there.`,
  causes: [
    ...(isV6Only === true ? [ofV6] : []),
    { cause: network },
    { cause: 'The instance is stopped, paused, restarting or failing over: its console shows the state.' },
    { cause: 'Host or port are wrong.' },
  ],
});

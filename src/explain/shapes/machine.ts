import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** What `systemctl status` prints of PostgreSQL's services. */
export function serviceStatus(text: string): Explanation | undefined {
  const [, unit = ''] = /^\W{0,3}(?:[●○×*] )?(\S*(?:postgres|patroni|repmgr)\S*\.service)\b/mu.exec(text) ?? [];
  const [, active = '', detail = ''] = /^[^\S\n]*Active: (\S+) \(([^)]*)\)/mu.exec(text) ?? [];
  if (unit === '' || active === '') return undefined;
  const debianUmbrella = unit === 'postgresql.service' && detail === 'exited';
  return shape({
    text: `${unit}: ${active} (${detail})`,
    means: debianUmbrella
      ? 'This is the service that stands for all clusters on Debian and Ubuntu. "active (exited)" says nothing of them: each has a service of its own.'
      : `This is the status of ${unit}: it is ${active} (${detail}).`,
    candidates: [
      ...processes(text),
      ...(debianUmbrella
        ? [
            finding(
              'postgresql.service is "active (exited)" on Debian and Ubuntu whether the clusters run or not. pg_lsclusters shows them; one that is down: systemctl status postgresql@<release>-<cluster>.',
              'network/connection-refused',
            ),
          ]
        : []),
      ...(active === 'failed'
        ? [finding('The server did not start: its own log says why, not this output.', 'standby/not-running')]
        : []),
    ],
    ...(debianUmbrella
      ? { where: 'to see the clusters', command: 'pg_lsclusters' }
      : active === 'failed'
        ? { where: 'why, in its log', command: logOf(unit) }
        : { where: 'on the standby', command: postmortemOf(text) }),
  });
}

/** Debian and Ubuntu name the log after the cluster. */
function logOf(unit: string): string {
  const [, release, cluster] = /^postgresql@(\d+)-([\w.-]+)\.service$/u.exec(unit) ?? [];
  const journal = `journalctl -u ${unit} -n 30 --no-pager`;
  return release === undefined || cluster === undefined
    ? journal
    : `tail -n 40 /var/log/postgresql/postgresql-${release}-${cluster}.log; ${journal}`;
}

/** Process titles, in the output of ps or of systemctl. */
export function processList(text: string): Explanation | undefined {
  if (/^[^\S\n]*Active: /mu.test(text)) return undefined;
  const found = processes(text);
  if (found.length === 0) return undefined;
  return shape({
    text: 'processes of PostgreSQL',
    means: 'These are processes of a PostgreSQL server.',
    candidates: found,
    where: 'on the standby',
    command: postmortemOf(text),
  });
}

function processes(text: string): readonly Finding[] {
  const title = (words: string): string | undefined =>
    new RegExp(`\\bpostgres: (?:[\\w/.-]+: )?(?:${words})(?: process)?\\b *([^\\n"']*)`, 'u').exec(text)?.[1]?.trim();
  const startup = title('startup');
  const receiver = title('wal ?receiver');
  const sender = title('wal ?sender');
  const moved = [...text.matchAll(/\bpostgres: (?:[\w/.-]+: )?startup(?: process)? +recovering ([0-9A-F]{24})/gu)]
    .map(([, segment]) => segment)
    .findLast((segment) => !(startup ?? '').includes(segment ?? ''));
  const copies = [...text.matchAll(/^[^\w\n]*(?:\w+ +)?\d+ .*\bpg_basebackup +-.*$/gmu)].length;
  const [, waitsFor] = /\bwaiting for (\w+)/u.exec(startup ?? '') ?? [];
  return [
    ...(waitsFor === undefined
      ? []
      : [finding(`The startup process waits for WAL segment ${waitsFor}, which no source has brought yet.`)]),
    ...(/^recovering [0-9A-F]{24}/u.test(startup ?? '') && waitsFor === undefined
      ? [
          /\bwaiting\b/u.test(startup ?? '')
            ? finding(
                `Replay (${startup ?? ''}) waits for a session of this server that holds a lock or a row version: it goes on when that query ends, or max_standby_streaming_delay is over.`,
                'streaming/replay-stuck',
              )
            : finding(
                moved === undefined
                  ? `The server replays WAL: ${startup ?? ''}. Ask again: if the segment changes, it goes on.`
                  : `Replay goes on: it was at ${/[0-9A-F]{24}/u.exec(startup ?? '')?.[0] ?? ''}, then at ${moved}. It is not stuck. Until it is consistent no client is let in; compare the position with that of the primary to see whether it gains on it (pg_controldata: minimum recovery ending location).`,
              ),
        ]
      : []),
    ...(/\bpostgres: [^\n]*\bwaiting for [0-9A-F]+\/[0-9A-F]+\b/u.test(text)
      ? [
          finding(
            'A session of the primary commits, and waits until a synchronous standby has its WAL up to that position. If it stays so, no standby of synchronous_standby_names answers.',
            'primary/synchronous-commit-blocked',
          ),
        ]
      : []),
    // of a single line, the others may have been left out
    ...(startup !== undefined && receiver === undefined && /\bcheckpointer\b/u.test(text)
      ? [
          finding(
            'The server is in recovery and has no walreceiver: it is not connected to its primary at the moment. Its log says why.',
            'streaming/not-connected',
          ),
        ]
      : []),
    ...(receiver === undefined
      ? []
      : [
          receiver.startsWith('streaming')
            ? finding(`The walreceiver is ${receiver}: the standby receives WAL.`)
            : finding('The walreceiver runs; its title does not say that it streams.'),
        ]),
    ...(copies === 2
      ? [
          finding(
            'The two processes of pg_basebackup are one base backup: with -X stream, the second receives the WAL while the first copies the files.',
          ),
        ]
      : []),
    ...(sender === undefined ? [] : [finding(`A walsender runs (${sender}): a standby or a copy is connected.`)]),
  ];
}

const postmortemOf = (text: string): string => {
  const [, directory] = /\s-D ?["']?(\/[^\s"']*[^\s"'/])/u.exec(text) ?? [];
  return directory === undefined ? postmortem : `standbylint postmortem -D ${directory}`;
};

export function freeSpace(text: string): Explanation | undefined {
  if (!/^Filesystem\s.*\b(?:Use%|Capacity|IUse%)\s+Mounted on/mu.test(text)) return undefined;
  const ofInodes = /\bIUse%/u.test(text);
  const full = [...text.matchAll(/^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\d+)%\s+(\/\S*)$/gmu)].flatMap(
    ([, , size = '', , free = '', use = '', mount = '']) => (Number(use) >= 98 ? [{ size, free, use, mount }] : []),
  );
  const ofStandby = aStandby.test(text);
  if (full.length === 0 && !/%\s+\/\S*(?:pg|postgres|data)\S*$/imu.test(text)) return undefined;
  return shape({
    text: ofInodes ? 'df -i' : 'df',
    means:
      full.length === 0
        ? 'This is output of df: no file system in it is full.'
        : 'This is output of df: what is full cannot be written to.',
    candidates: full.map(({ size, free, use, mount }) =>
      finding(
        ofInodes
          ? `${mount} has ${free} of ${size} inodes left: no file can be created there, even where there is space. Many small files elsewhere on that file system (logs, sessions, archive_status) take them.`
          : `${mount} is ${use} % full (${free} of ${size} free): a server or a copy that writes there stops.`,
        /pg|postgres|data/iu.test(mount) ? 'wal/disk-full' : null,
      ),
    ),
    ...(full.length === 0
      ? {}
      : {
          advice: `Never delete anything from pg_wal by hand. What keeps it from shrinking is an archive_command that fails, or a slot that nothing uses${ofStandby ? '; on a standby also a replay that is paused or far behind: it receives on meanwhile' : ''}.`,
        }),
    where:
      full.length === 0
        ? 'on the standby'
        : ofStandby
          ? 'on the server whose disk is full, to see what keeps the WAL'
          : 'on the primary, to see what keeps the WAL',
    command:
      full.length === 0
        ? postmortem
        : ofStandby
          ? 'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots" -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()" -c "SHOW archive_mode"'
          : 'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots" -c "SELECT last_failed_wal, last_failed_time FROM pg_stat_archiver"',
  });
}

/** Its prompt, or what somebody says of it. */
const aStandby =
  /^[^\n]{0,20}(?:standby|replica|slave)[^\n]{0,10}[$#] |\bon (?:the |my |our )?(?:standby|replica|slave)\b/imu;

/** ss -ltnp, netstat -plnt. */
export function listeningSockets(text: string): Explanation | undefined {
  const listening = [
    ...text.matchAll(/^(?=.*\bLISTEN\b)(?=.*(?:postgres|postmaster|:5432\b)).*?\s(\S+):(\d{4,5})\s+\S+:\*/gmu),
  ].map(([, address = '', port = '']) => ({ address, port }));
  if (listening.length === 0) return undefined;
  const isLocal = listening.every(({ address }) => /^(?:127\.|\[?::1\]?$|localhost$)/u.test(address));
  const [{ port }] = [listening[0] ?? { port: '' }];
  return shape({
    text: listening.map((one) => `${one.address}:${one.port}`).join(', '),
    means: isLocal
      ? `The server listens on port ${port} of the loopback address only: no other machine can connect.`
      : `The server listens on port ${port}${listening.some(({ address }) => /^(?:0\.0\.0\.0|\*|\[?::\]?)$/u.test(address)) ? ' on every address' : ''}. What keeps another machine away is then a firewall or pg_hba.conf.`,
    candidates: isLocal
      ? [
          finding(
            "listen_addresses is localhost: set it to '*' or to an address of this machine.",
            'network/listen-addresses',
          ),
        ]
      : [
          ...atOtherPort(
            text,
            listening.map((one) => one.port),
          ),
          ...atOtherAddress(text, listening),
        ],
    ...(isLocal ? { advice: 'Change listen_addresses and restart the server; a reload is not enough.' } : {}),
    where: 'on the server',
    command: 'psql -c "SHOW listen_addresses" -c "SHOW port"',
  });
}

/** A connection in the same text was refused at a port where nothing of this listens. */
function atOtherPort(text: string, ports: readonly string[]): readonly Finding[] {
  const refused = /\brefused\b/iu.test(text);
  const asked = /\bport(?:[ =:]| is | number )["']?(\d{4,5})\b/iu.exec(text)?.[1];
  return !refused || asked === undefined || ports.includes(asked)
    ? []
    : [
        finding(
          `Port ${asked} is asked for, and the server listens on ${ports.join(' and ')}: name that port in primary_conninfo (or -p of pg_basebackup), or change it on the server and restart it.`,
          'network/connection-refused',
        ),
      ];
}

/** It listens on some of the addresses of its machine, and the one that refused is none of them. */
function atOtherAddress(
  text: string,
  listening: readonly { readonly address: string; readonly port: string }[],
): readonly Finding[] {
  const addresses = [...new Set(listening.map(({ address }) => address))];
  const isV4 = (address: string): boolean => /^\d+\.\d+\.\d+\.\d+$/u.test(address);
  if (!addresses.every((address) => isV4(address) && address !== '0.0.0.0')) return [];
  const refused =
    /\bconnection to server at "[^"]+" \((\d+\.\d+\.\d+\.\d+)\), port \d+ failed: Connection refused/iu.exec(
      text,
    )?.[1] ??
    /\bconnection to server at "(\d+\.\d+\.\d+\.\d+)", port \d+ failed: Connection refused/iu.exec(text)?.[1] ??
    /\b(?:to|at|from|host=?) ?["']?(\d+\.\d+\.\d+\.\d+)\b[^\n]{0,80}\brefused\b/iu.exec(text)?.[1];
  return refused === undefined || addresses.includes(refused)
    ? []
    : [
        finding(
          `The server listens on ${addresses.join(', ')}, and ${refused} refused: that address is not among them. Add it to listen_addresses (or '*') and restart the server, or connect to ${addresses.find((address) => !address.startsWith('127.')) ?? addresses[0] ?? ''}.`,
          'network/listen-addresses',
        ),
      ];
}

/** What initdb says of a directory that is not empty (initdb.c, warn_on_mount_point). */
export function mountPoint(text: string): Explanation | undefined {
  const [, what = ''] =
    /It contains a (lost\+found directory|dot-prefixed\/invisible file),? perhaps due to/u.exec(text) ?? [];
  if (what === '') return undefined;
  return shape({
    text: `It contains a ${what}`,
    means: 'This is a remark about a directory that is not empty.',
    candidates: [
      finding(
        `The directory is the mount point of a volume (it contains a ${what}). Use a directory below it, for example with PGDATA=/var/lib/postgresql/data/pgdata.`,
        'target/not-empty',
      ),
    ],
    command: 'findmnt -T <data directory>',
  });
}

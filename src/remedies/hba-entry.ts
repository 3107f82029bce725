import type { ConnectionAttempt } from '../facts/connection.ts';
import { addressSeenByServer } from '../facts/login.ts';
import type { HbaRules, Primary, PrimaryPaths, ReplicationRole } from '../facts/primary.ts';
import type { Side, Step } from '../findings/report.ts';
import type { WrittenLines } from '../postgres/written-lines.ts';
import { formatHbaLine } from '../postgres/hba-format.ts';
import type { HbaMethod, HbaRule } from '../postgres/hba-line.ts';
import { giveCertificate } from './client-certificate.ts';
import { editFile } from './edit-file.ts';
import type { Change } from './edit-file.ts';
import { passwordSet } from './role.ts';
import { manual, reload } from './remedy.ts';

export interface EntryToAdd {
  readonly user: string;
  readonly attempt: ConnectionAttempt;
  readonly role: ReplicationRole | undefined;
  readonly primary: Primary | undefined;
  readonly rules: HbaRules | undefined;
  readonly paths: PrimaryPaths | undefined;
  /** The line that it must stand before; undefined: the end of the file serves. */
  readonly before: HbaRule | undefined;
  /** Who runs the client, for `peer` over a Unix socket. */
  readonly operatingSystemUser: string | undefined;
  readonly now: Date;
  /** What lines that are meant for this connection demand, where that is more than a password: the entry demands it too. */
  readonly demands: Pick<HbaRule, 'method' | 'options'> | undefined;
  /** Who connects. */
  readonly side: Side;
}

/**
 * The steps that let one role in for replication from one address, and nobody else: the file is copied, the line put
 * where it is the first to match, and the server reloads.
 */
export function addHbaEntry(entry: EntryToAdd): readonly Step[] {
  const line = lineFor(entry);
  const file = entry.before?.file ?? entry.rules?.file ?? entry.paths?.hbaFile;
  if (line === undefined)
    return [
      manual(
        'primary',
        `Add an entry for replication as ${entry.user} to pg_hba.conf, and reload: SELECT pg_reload_conf();`,
      ),
    ];
  const edit =
    file === undefined
      ? [
          manual(
            'primary',
            `Add this line to the file that SHOW hba_file; shows, before any line that rejects the connection:\n${line}`,
          ),
        ]
      : [
          editFile(
            'primary',
            { file, now: entry.now, written: entry.rules?.written?.get(file) },
            entry.before === undefined
              ? appended(line, entry.rules?.written?.get(file))
              : { act: 'insert-before', line: entry.before.line, text: line },
          ),
        ];
  return [...passwordStep(entry), ...certificateStep(entry), ...edit, reload('primary')];
}

/**
 * A line for the end of pg_hba.conf. Where its last line ends in a backslash, also a comment, the next one belongs to it
 * (hba.c, tokenize_auth_file; 14 and later): an empty line comes between. So does one where the lines were not seen, or the
 * last one is masked.
 */
export function appended(line: string, written: WrittenLines | undefined): Change {
  const last = written?.lines.at(-1);
  const isContinued = last === undefined ? written === undefined : /(?:\\|\*\*\*)$/u.test(last);
  return { act: 'append', lines: isContinued ? ['', line] : [line] };
}

function lineFor(entry: EntryToAdd): string | undefined {
  const { user, attempt, primary, demands } = entry;
  const address = addressSeenByServer(attempt);
  if (address === undefined) return undefined;
  return formatHbaLine({
    database: { kind: 'replication' },
    user,
    address,
    encryption: attempt.encryption,
    method: demands?.method ?? usualMethod(entry),
    options: demands?.options ?? [],
    serverVersion: primary?.major ?? 18,
  });
}

/** What an entry demands where no line says more. */
export function usualMethod({
  user,
  attempt,
  role,
  operatingSystemUser,
}: Pick<EntryToAdd, 'user' | 'attempt' | 'role' | 'operatingSystemUser'>): HbaMethod {
  return methodFor(role, addressSeenByServer(attempt) === 'local' && operatingSystemUser === user);
}

/** scram-sha-256, unless the stored password allows no other; peer where the operating system vouches for the role. */
const methodFor = (role: ReplicationRole | undefined, samePerson: boolean): HbaMethod => {
  if (role?.exists !== true) return 'scram-sha-256';
  if (samePerson && role.password === 'none') return 'peer';
  return role.password === 'md5' ? 'md5' : 'scram-sha-256';
};

/** A role without a password cannot answer scram-sha-256: it is given one together with its entry. */
function passwordStep({ user, attempt, role, operatingSystemUser, demands }: EntryToAdd): readonly Step[] {
  if (role?.exists !== true || (demands !== undefined && demands.method !== 'scram-sha-256')) return [];
  // an md5 hash does not serve where a line demands more
  if (role.password !== 'none' && !(demands !== undefined && role.password === 'md5')) return [];
  if (addressSeenByServer(attempt) === 'local' && operatingSystemUser === user) return [];
  return [passwordSet(user)];
}

/** Who has no certificate yet is given one before the entry demands it. */
function certificateStep({ user, attempt: { identity }, demands, side }: EntryToAdd): readonly Step[] {
  const isAskedFor = demands?.method === 'cert' || demands?.options.some(({ name }) => name === 'clientcert') === true;
  return isAskedFor && identity?.kind !== 'certificate' ? [giveCertificate(side, identity, user)] : [];
}

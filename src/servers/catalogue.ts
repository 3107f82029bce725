import type { HbaRulesRow } from '../postgres/hba-rules-view.ts';
import { identifier } from '../postgres/sql-quoting.ts';
import { activityAnswer, activityPart } from './activity.ts';
import type { PrimaryActivity } from '../facts/primary.ts';
import { publicAnswer, restrictedAnswer, sizesAnswer } from './catalogue-answers.ts';
import type { FileSettingRow, PublicAnswer, Sizes } from './catalogue-answers.ts';
import { publicPart, restrictedPart, sizesPart } from './catalogue-sql.ts';
import type { RestrictedQuestions, WalPlace } from './catalogue-sql.ts';
import { decode } from './decoder.ts';
import { fileWalk, fileWalkAnswer } from './file-walk.ts';
import type { FileWalk } from './file-walk.ts';
import type { Decoder } from './decoder.ts';

/** How an open session is asked: one message of the simple protocol, whose last statement answers with one value. */
export type Ask = (statements: string) => Promise<Asked>;

export type Asked =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly failure: AskFailure };

export interface AskFailure {
  /** `timed-out` also where the server itself stopped the statement (57014). */
  readonly kind: 'connection' | 'permission' | 'timed-out' | 'other';
  readonly message: string;
}

/** What a server shows of itself to this login, in three round trips at most. Every part is there or says why not. */
export interface Catalogue extends PublicAnswer {
  readonly hba: Part<{ readonly rows: readonly HbaRulesRow[] }>;
  /** Texts of pg_hba.conf and of what it includes, by path, as far as pg_read_file gives them. */
  readonly files: Part<ReadonlyMap<string, string>>;
  /** The text of pg_ident.conf; undefined where there is no such file. */
  readonly identFile: Part<string | undefined>;
  /** When the file was changed last, to the second (genfile.c, pg_stat_file). */
  readonly fileTimes: Part<ReadonlyMap<string, Date>>;
  /** When the file of its TLS certificate was changed last; undefined: it has none. */
  readonly certificateAt: Part<Date | undefined>;
  /** Sizes, by the path that was asked for; undefined: it is not there. */
  readonly startFiles: Part<ReadonlyMap<string, number | undefined>>;
  readonly fileSettings: Part<{ readonly rows: readonly FileSettingRow[]; readonly pendingRestart: readonly string[] }>;
  readonly binDirectory: Part<string | undefined>;
  readonly password: Part<'scram-sha-256' | 'md5' | 'none' | 'other' | undefined>;
  /** In hexadecimal, by the name of the segment: what is asked for by {@link CatalogueOptions.walAt}. */
  readonly wal: Part<ReadonlyMap<string, string>>;
  readonly sizes: Part<Sizes>;
  /** Undefined where it was not asked for. */
  readonly walk: Part<FileWalk> | undefined;
  /** Undefined where it was not asked for. */
  readonly activity: Part<PrimaryActivity> | undefined;
  /** Our clock before the first question and after its answer, in ms. */
  readonly askedAt: { readonly before: number; readonly after: number };
}

export type Part<T> =
  | { readonly seen: true; readonly value: T }
  | {
      readonly seen: false;
      readonly kind: 'permission' | 'timed-out' | 'connection' | 'tool';
      readonly because: string;
      /** Complete statements that make this part visible to the login. */
      readonly grant?: string;
    };

export interface CatalogueOptions {
  readonly replicationRole: string;
  readonly walAt: WalPlace | undefined;
  /** Whether the server goes through its data directory as a base backup does. */
  readonly walksFiles: (dataDirectory: string) => Promise<boolean>;
  /** A standby exists: what it may have to wait for. */
  readonly asksActivity: boolean;
  readonly timeoutMs: number;
  /** Our clock, in ms. */
  readonly clock: () => number;
}

export type CatalogueResult =
  | { readonly ok: true; readonly value: Catalogue }
  | { readonly ok: false; readonly failure: AskFailure };

/**
 * Reads everything of a server that this login may see. First what anybody may see, and which rights the login has; then
 * one statement with only what those rights allow, so that a right that is missing for one part loses nothing else; then
 * the sizes. Fails only when the first question does.
 */
export async function readCatalogue(ask: Ask, options: CatalogueOptions): Promise<CatalogueResult> {
  const before = options.clock();
  const first = await answerOf(ask, publicPart(options.replicationRole, options.timeoutMs), publicAnswer);
  const after = options.clock();
  if (!first.ok) return first;
  const seen = first.value;
  // one answer is read while the server measures for the next
  const [restricted, sizes, walk, activity] = await Promise.all([
    askRestricted(ask, seen, options),
    askSizes(ask, seen),
    askWalk(ask, seen, options),
    options.asksActivity ? askActivity(ask, seen) : undefined,
  ]);
  return { ok: true, value: { ...seen, ...restricted, sizes, walk, activity, askedAt: { before, after } } };
}

type Answer = ReturnType<typeof restrictedAnswer>;
type Restricted = Omit<Catalogue, keyof PublicAnswer | 'sizes' | 'walk' | 'activity' | 'askedAt'>;

async function askRestricted(ask: Ask, seen: PublicAnswer, options: CatalogueOptions): Promise<Restricted> {
  const questions = questionsFor(seen, options);
  const together = restrictedPart(questions);
  const answer = together === undefined ? undefined : await answerOf(ask, together, restrictedAnswer);
  if (answer === undefined || answer.ok) return partsOf(seen, questions, answer?.value);
  // one of them failed after all (a file that the server cannot read, say): each for itself, so that the rest survives
  const alone = await Promise.all(each(questions).map(async (question) => askAlone(ask, seen, question)));
  return alone.reduce<Restricted>((all, one) => Object.assign(all, one), partsOf(seen, nothing, undefined));
}

async function askAlone(ask: Ask, seen: PublicAnswer, question: RestrictedQuestions): Promise<Partial<Restricted>> {
  const answer = await answerOf(ask, restrictedPart(question) ?? '', restrictedAnswer);
  const parts = partsOf(seen, question, answer.ok ? answer.value : undefined);
  const asked = namesOf(question);
  if (answer.ok) return Object.fromEntries(asked.map((name) => [name, parts[name]]));
  const lost: Part<never> = { seen: false, kind: kindOf(answer.failure), because: answer.failure.message };
  return Object.fromEntries(asked.map((name) => [name, lost]));
}

const nothing: RestrictedQuestions = {
  hbaView: false,
  files: [],
  identFile: undefined,
  fileTimes: [],
  certificateFile: undefined,
  startFiles: [],
  fileSettings: false,
  config: false,
  passwordOf: undefined,
  walAt: undefined,
};

const namesOf = (question: RestrictedQuestions): readonly (keyof Restricted)[] => [
  ...(question.hbaView ? (['hba'] as const) : []),
  ...(question.files.length > 0 ? (['files'] as const) : []),
  ...(question.identFile === undefined ? [] : (['identFile'] as const)),
  ...(question.fileTimes.length > 0 ? (['fileTimes'] as const) : []),
  ...(question.certificateFile === undefined ? [] : (['certificateAt'] as const)),
  ...(question.startFiles.length > 0 ? (['startFiles'] as const) : []),
  ...(question.fileSettings ? (['fileSettings'] as const) : []),
  ...(question.config ? (['binDirectory'] as const) : []),
  ...(question.passwordOf === undefined ? [] : (['password'] as const)),
  ...(question.walAt === undefined ? [] : (['wal'] as const)),
];

const each = (questions: RestrictedQuestions): readonly RestrictedQuestions[] =>
  [
    { ...nothing, hbaView: questions.hbaView },
    { ...nothing, files: questions.files },
    { ...nothing, identFile: questions.identFile },
    { ...nothing, fileTimes: questions.fileTimes },
    { ...nothing, certificateFile: questions.certificateFile },
    { ...nothing, startFiles: questions.startFiles },
    { ...nothing, fileSettings: questions.fileSettings },
    { ...nothing, config: questions.config },
    { ...nothing, passwordOf: questions.passwordOf },
    { ...nothing, walAt: questions.walAt },
  ].filter((question) => namesOf(question).length > 0);

function questionsFor(seen: PublicAnswer, { replicationRole, walAt }: CatalogueOptions): RestrictedQuestions {
  const { login, settings } = seen;
  const hbaFile = settings.get('hba_file')?.value;
  const reachable = [hbaFile, settings.get('data_directory')?.value]
    .filter((path) => path !== undefined)
    .filter((path) => mayReach(seen, path));
  return {
    hbaView: login.hbaView && login.hbaFunction,
    files: login.readFile ? reachable.filter((path) => path === hbaFile) : [],
    identFile: login.superuser ? settings.get('ident_file')?.value || undefined : undefined,
    fileTimes: login.statFile ? reachable : [],
    certificateFile:
      login.superuser && settings.get('ssl')?.value === 'on'
        ? settings.get('ssl_cert_file')?.value || undefined
        : undefined,
    startFiles: login.superuser ? [...startFiles, ...(hbaFile ? [hbaFile] : [])] : [],
    fileSettings: login.settingsView && login.settingsFunction,
    config: login.configView && login.configFunction,
    passwordOf: login.passwords ? replicationRole : undefined,
    walAt: login.superuser ? walAt : undefined,
  };
}

function partsOf(seen: PublicAnswer, asked: RestrictedQuestions, answer: Answer | undefined): Restricted {
  const { login, settings } = seen;
  const grants = (...wanted: readonly (readonly [missing: boolean, what: string])[]): string =>
    wanted
      .filter(([missing]) => missing)
      .map(([, what]) => `GRANT ${what} TO ${identifier(login.user)};`)
      .join(' ');
  const part = <T>(isAsked: boolean, read: (from: Answer) => T, because: string, grant: string): Part<T> => {
    if (isAsked && answer !== undefined) return { seen: true, value: read(answer) };
    return { seen: false, kind: 'permission', because, ...(grant === '' ? {} : { grant }) };
  };
  const hbaFile = settings.get('hba_file')?.value;
  const noSettings = [!login.allSettings, 'pg_read_all_settings'] as const;
  const noReach = [!mayReach(seen, hbaFile), 'pg_read_server_files'] as const;
  return {
    hba: part(
      asked.hbaView,
      ({ hbaView }) => ({ rows: hbaView }),
      'pg_hba_file_rules: permission denied',
      grants(
        noSettings,
        [!login.hbaView, 'SELECT ON pg_hba_file_rules'],
        [!login.hbaFunction, 'EXECUTE ON FUNCTION pg_hba_file_rules()'],
      ),
    ),
    files: part(
      asked.files.length > 0,
      ({ files }) => files,
      `${hbaFile ?? 'pg_hba.conf'}: permission denied for pg_read_file`,
      grants(noSettings, noReach, [!login.readFile, 'EXECUTE ON FUNCTION pg_read_file(text)']),
    ),
    identFile: part(
      asked.identFile !== undefined,
      ({ identFile }) => identFile,
      'pg_ident.conf: permission denied for pg_read_file',
      '',
    ),
    fileTimes: part(
      asked.fileTimes.length > 0,
      ({ fileTimes }) => fileTimes,
      `${hbaFile ?? 'pg_hba.conf'}: permission denied for pg_stat_file`,
      grants(noSettings, noReach, [!login.statFile, 'EXECUTE ON FUNCTION pg_stat_file(text)']),
    ),
    certificateAt: part(
      asked.certificateFile !== undefined,
      ({ certificateAt }) => certificateAt,
      'ssl_cert_file: permission denied for pg_stat_file',
      '',
    ),
    startFiles: part(
      asked.startFiles.length > 0,
      (from) => from.startFiles,
      'the data directory: permission denied for pg_stat_file',
      '',
    ),
    fileSettings: part(
      asked.fileSettings,
      ({ fileSettings, pendingRestart }) => ({ rows: fileSettings, pendingRestart }),
      'pg_file_settings: permission denied',
      grants(
        [!login.settingsView, 'SELECT ON pg_file_settings'],
        [!login.settingsFunction, 'EXECUTE ON FUNCTION pg_show_all_file_settings()'],
      ),
    ),
    binDirectory: part(
      asked.config,
      ({ binDirectory }) => binDirectory,
      'pg_config: permission denied',
      grants([!login.configView, 'SELECT ON pg_config'], [!login.configFunction, 'EXECUTE ON FUNCTION pg_config()']),
    ),
    password: part(
      asked.passwordOf !== undefined,
      ({ password }) => password,
      'pg_authid: permission denied',
      grants([!login.passwords, 'SELECT (rolname, rolpassword) ON pg_authid']),
    ),
    wal: part(asked.walAt !== undefined, ({ wal }) => wal, 'pg_read_binary_file: permission denied', ''),
  };
}

/** In the data directory: what the next start goes by (xlogrecovery.c, readRecoverySignalFile; xlogbackup.h). */
export const startFiles = ['standby.signal', 'recovery.signal', 'recovery.conf', 'backup_label'] as const;

/** genfile.c, convert_and_check_filename: without pg_read_server_files only what lies in the data directory. */
function mayReach({ login, settings }: PublicAnswer, path: string | undefined): boolean {
  if (login.anyFile) return true;
  const dataDirectory = settings.get('data_directory')?.value;
  if (path === undefined || dataDirectory === undefined) return false;
  return path.startsWith(`${dataDirectory}/`) && !path.includes('/../');
}

async function askSizes(ask: Ask, { login, tablespaces }: PublicAnswer): Promise<Part<Sizes>> {
  const visible = tablespaces.filter((tablespace) => tablespace.maySize).map(({ oid }) => oid);
  const answer = await answerOf(ask, sizesPart(visible, login.walDirectory), sizesAnswer);
  if (answer.ok) return { seen: true, value: answer.value };
  const { kind, message } = answer.failure;
  const because = kind === 'timed-out' ? 'pg_tablespace_size(): it took too long to measure' : message;
  return { seen: false, kind: kindOf(answer.failure), because };
}

async function askActivity(ask: Ask, { server }: PublicAnswer): Promise<Part<PrimaryActivity>> {
  // on a standby nothing writes, and pg_prepared_xacts shows what has not come to its end
  const answer = await answerOf(ask, activityPart(Number.parseInt(server.version, 10)), activityAnswer);
  return answer.ok
    ? { seen: true, value: answer.value }
    : { seen: false, kind: kindOf(answer.failure), because: answer.failure.message };
}

/** A second at most, and so many entries: relation files are small work, and a big cluster has millions. */
async function askWalk(
  ask: Ask,
  { login, settings }: PublicAnswer,
  { walksFiles, timeoutMs }: CatalogueOptions,
): Promise<Part<FileWalk> | undefined> {
  if (!(await walksFiles(settings.get('data_directory')?.value ?? ''))) return undefined;
  const limits = { entries: 20_000, milliseconds: Math.min(1_000, timeoutMs / 2) };
  const answer = await answerOf(ask, fileWalk(limits), fileWalkAnswer);
  if (!answer.ok) return { seen: false, kind: kindOf(answer.failure), because: answer.failure.message };
  const refused = answer.value.unreadable.find(({ because }) => because.startsWith('permission denied for function'));
  if (refused === undefined) return { seen: true, value: answer.value };
  const functions = ['pg_ls_dir(text)', 'pg_stat_file(text, boolean)', 'pg_read_binary_file(text, bigint, bigint)'];
  return {
    seen: false,
    kind: 'permission',
    because: 'the data directory: permission denied for pg_ls_dir',
    grant: functions.map((one) => `GRANT EXECUTE ON FUNCTION ${one} TO ${identifier(login.user)};`).join(' '),
  };
}

const kindOf = ({ kind }: AskFailure): 'permission' | 'timed-out' | 'connection' | 'tool' =>
  kind === 'other' ? 'tool' : kind;

async function answerOf<T>(
  ask: Ask,
  statements: string,
  decoder: Decoder<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: AskFailure }> {
  const asked = await ask(statements);
  if (!asked.ok) return asked;
  const decoded = decode(decoder, asked.value ?? 'null');
  if (decoded.ok) return decoded;
  return {
    ok: false,
    failure: { kind: 'other', message: `the server answered in a way that is not understood: ${decoded.message}` },
  };
}

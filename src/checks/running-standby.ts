import { posix } from 'node:path';

import { notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { StandbyRefusal } from '../facts/server-files.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import { parsePostmasterPid } from '../postgres/postmaster-files.ts';
import { formatVersion, parseVersion } from '../postgres/versions.ts';
import type { OpenSession } from '../servers/session.ts';
import { fileSettingsAnswer, standbyAnswer } from '../servers/standby-answers.ts';
import { fileSettingsPart, standbyPart } from '../servers/standby-sql.ts';
import { ask } from './ask-for-json.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { askLocally, askOver, ownUsers } from './standby-sessions.ts';
import type { Asked, LocalUser, ServerAddress, StandbyAsked } from './standby-sessions.ts';
import { runningStandbyOf } from './running-standby-fact.ts';
import { lostTablespaces } from './lost-tablespaces.ts';
import { lookAgain, needsSecondLook } from './second-look.ts';
import { accountOf } from './server-account.ts';
import { noStandbyYet } from './subject.ts';
import { textFile } from './text-file.ts';

/**
 * The standby's server while it runs: over --standby, or else over the Unix socket that postmaster.pid names. One
 * question, a second one for what only few may see, and looks a moment later where the first one does not tell whether
 * replay moves, or whether a receiver that has just come is let in.
 */
export const runningStandbyCheck = defineCheck({
  brings: ['runningStandby', 'standbyRefusal'],
  after: ['dataDirectory', 'controlFile'],
  asksServer: true,
  async look({ dataDirectory, controlFile }, surroundings) {
    const { subject } = surroundings;
    if (subject.command !== 'postmortem') return { runningStandby: noStandbyYet, standbyRefusal: noStandbyYet };
    const directory = dataDirectory.status === 'seen' ? dataDirectory.value : undefined;
    const found = await findSession(subject.standby, directory, surroundings);
    if ('fact' in found)
      return {
        runningStandby: found.fact,
        standbyRefusal: found.refused === undefined ? notRefused : seen(found.refused, 'a login on the standby'),
      };
    const { asked, address } = found;
    try {
      const identity = controlFile.status === 'seen' && controlFile.value.ok ? controlFile.value.value : undefined;
      const isGiven = subject.standby !== undefined && directory !== undefined;
      const another = isGiven ? await anotherThan(directory, asked.session, surroundings) : undefined;
      const runningStandby =
        another === undefined
          ? await look(asked, identity?.systemIdentifier, address, directory?.path, surroundings)
          : elsewhere(another);
      return { runningStandby, standbyRefusal: notRefused };
    } finally {
      // nobody waits for its place
      void asked.session.close();
    }
  },
});

type Found =
  | { readonly asked: Asked; readonly address: Postmaster | undefined }
  | { readonly fact: Observed<RunningStandby>; readonly refused?: StandbyRefusal | undefined };

const notRefused = notApplicable('no login on the standby was refused');

/** A session over --standby, or over the socket of the server that runs on the directory. */
export async function findSession(
  given: Parameters<typeof askOver>[0] | undefined,
  directory: DataDirectory | undefined,
  surroundings: Surroundings,
): Promise<Found> {
  const postmaster = directory?.postmaster;
  const runs = postmaster?.process === 'running' || postmaster?.process === 'unknown';
  const address = runs && directory !== undefined ? await addressIn(directory.path, surroundings) : undefined;
  if (given !== undefined) {
    const over = await askOver(given, '--standby', surroundings);
    if (over.ok) return { asked: over.asked, address };
    if (address?.closed === true) return { fact: closed };
    // a server that is down refuses every connection: that is no fault of the connection string
    if (directory !== undefined && !runs) return { fact: notRunning(directory) };
    return { fact: notAsked(over, 'correct the connection string of --standby'), refused: refusedBy(over) };
  }
  if (directory === undefined)
    return { fact: unseen('unreadable', 'the data directory could not be read, so that its server is not known') };
  if (!runs) return { fact: notRunning(directory) };
  const otherWay = 'add --standby CONNINFO, a connection as a superuser or as a member of pg_monitor';
  if (address === undefined)
    return { fact: unseen('unreadable', `${directory.path}/postmaster.pid does not show where it listens`, otherWay) };
  if (address.closed) return { fact: closed };
  const asked = await askLocally(surroundings, address, await usersOf(directory, surroundings));
  return asked.ok ? { asked: asked.asked, address } : { fact: notAsked(asked, otherWay), refused: refusedBy(asked) };
}

const refusedBy = ({ refusal, because }: Extract<StandbyAsked, { ok: false }>): StandbyRefusal | undefined =>
  refusal === undefined ? undefined : { refusal, message: because };

/** As root first as who owns the directory: under that name, or as postgres. Who is refused leaves a line in the server's log. */
async function usersOf({ owner }: DataDirectory, surroundings: Surroundings): Promise<readonly LocalUser[]> {
  const { subject, host } = surroundings;
  const database = subject.admin?.database ?? 'postgres';
  const as = host.account.uid === 0 ? await accountOf(host, owner.uid, owner.gid) : undefined;
  const namesakes = [owner.name, 'postgres'].map((user) => ({ user, database, password: undefined, as }));
  const own = ownUsers(surroundings);
  return as === undefined ? [...own, ...namesakes] : [...namesakes, ...own];
}

interface Postmaster extends ServerAddress {
  /** hot_standby is off (PM_STATUS_STANDBY, utils/pidfile.h). */
  readonly closed: boolean;
}

const closed = unseen(
  'connection',
  'hot_standby is off: the server lets no session in that could be asked',
  'on the standby, in its configuration: hot_standby = on, and a restart',
);

async function addressIn(directory: string, { host }: Surroundings): Promise<Postmaster | undefined> {
  const file = await textFile(host, posix.join(directory, 'postmaster.pid'), 4_096);
  const parsed = file.ok ? parsePostmasterPid(file.value) : undefined;
  if (parsed?.ok !== true || parsed.value.port === null) return undefined;
  const { port, socketDirectory, listenAddress, status } = parsed.value;
  return {
    port,
    socketDirectory: socketDirectory ?? undefined,
    listenAddress: listenAddress ?? undefined,
    closed: status === 'standby',
  };
}

const notRunning = ({ path, postmaster }: DataDirectory): Observed<RunningStandby> =>
  notApplicable(
    postmaster === undefined
      ? `no server is running on ${path} (postmaster.pid does not exist)`
      : `no server runs on ${path} (process ${postmaster.pid} of postmaster.pid is ${postmaster.process === 'another-program' ? 'another program' : 'gone'})`,
  );

function notAsked({ because, refusal }: Extract<StandbyAsked, { ok: false }>, otherwise: string) {
  const why = `the standby's server was not asked: ${because}`;
  if (refusal === 'not-accepting-connections' || refusal === 'starting-up')
    return unseen('connection', why, 'run this again when it has reached a consistent state');
  return unseen('connection', why, otherwise);
}

async function look(
  { session, by }: Asked,
  systemIdentifier: bigint | undefined,
  address: ServerAddress | undefined,
  directory: string | undefined,
  { host, timeoutMs }: Surroundings,
): Promise<Observed<RunningStandby>> {
  const version = session.parameters.get('server_version') ?? '';
  const parsed = parseVersion(version);
  // a server of its own limit answers before ours is reached, so that the session survives it
  const first = await ask(session, standbyPart(parsed?.major ?? 13, timeoutMs * 0.8), standbyAnswer);
  if (!first.ok) return unseen(first.kind, `the standby's server did not answer: ${first.because}`);
  const answer = first.value;
  if (systemIdentifier !== undefined && answer.server.systemIdentifier !== systemIdentifier)
    return elsewhere(
      `it has the system identifier ${answer.server.systemIdentifier}, the data directory ${systemIdentifier}`,
    );
  if (address !== undefined && answer.server.port !== address.port)
    return elsewhere(`it listens on port ${answer.server.port}, that of the data directory on ${address.port}`);
  const { login } = answer;
  const mayReadFiles = login.settingsView && login.settingsFunction;
  const files = mayReadFiles ? await ask(session, fileSettingsPart, fileSettingsAnswer) : undefined;
  const again = needsSecondLook(answer) ? await lookAgain(session, answer) : undefined;
  if (again?.ok === false)
    return unseen(again.kind, `the standby's server did not answer a second time: ${again.because}`);
  const name = parsed === undefined ? version : formatVersion(parsed);
  const lost = await lostTablespaces(session, answer, directory, host);
  return seen(
    {
      ...runningStandbyOf(answer, name, files?.ok === true ? files.value : undefined, again?.value),
      ...(lost.length === 0 ? {} : { lostTablespaces: lost }),
    },
    `the standby, as ${by}`,
  );
}

/**
 * How it is told that --standby leads to another server than the one that runs on -D; undefined: nothing tells so. Every
 * standby of a cluster has its system identifier, and often its port: postmaster.pid is of one server alone.
 */
async function anotherThan(
  directory: DataDirectory,
  session: OpenSession,
  { host }: Surroundings,
): Promise<string | undefined> {
  const file = await textFile(host, posix.join(directory.path, 'postmaster.pid'), 4_096);
  if (!file.ok)
    return file.problem.code === 'ENOENT' && directory.postmaster === undefined
      ? `no server is running on ${directory.path} (postmaster.pid does not exist)`
      : undefined;
  const here = parsePostmasterPid(file.value);
  if (!here.ok) return undefined;
  const { pid, startedAt } = here.value;
  const asked = await session.simpleQuery(
    "SELECT has_function_privilege('pg_read_file(text)', 'EXECUTE'), extract(epoch FROM pg_postmaster_start_time())",
  );
  const [mayRead, epoch] = asked.ok ? (asked.results[0]?.rows[0] ?? []) : [];
  const read = mayRead === 't' ? await session.simpleQuery("SELECT pg_read_file('postmaster.pid')") : undefined;
  const there = read?.ok === true ? parsePostmasterPid(read.results[0]?.rows[0]?.[0] ?? '') : undefined;
  if (there?.ok === true)
    return there.value.pid === pid && there.value.startedAt === startedAt
      ? undefined
      : `postmaster.pid of its server names process ${there.value.pid}, that of ${directory.path} process ${pid}`;
  const started = Number(epoch ?? 'unknown');
  if (startedAt === null || Number.isNaN(started)) return undefined;
  // the file is written first, and then memory is set up and libraries are loaded
  return started >= startedAt - 1 && started <= startedAt + startingSeconds
    ? undefined
    : `it was started at another time than the server that ${directory.path}/postmaster.pid names`;
}

const startingSeconds = 60;

const elsewhere = (how: string): Observed<RunningStandby> =>
  unseen(
    'connection',
    `--standby leads to another server than that of -D: ${how}`,
    'let --standby name the server that runs on -D',
  );

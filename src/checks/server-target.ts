import { posix } from 'node:path';

import { ifSeen, notApplicable, seen, unseen, withoutAdmin } from '../facts/observed.ts';
import type { AdminServer } from '../facts/identity.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerTarget } from '../facts/server-target.ts';
import type { Host } from '../hosts/host.ts';
import { literal } from '../postgres/sql-quoting.ts';
import { connect } from '../servers/connect.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { ownersHost } from './owners-host.ts';
import { sessionOf } from './primary/facts.ts';
import { noCopyIsMade } from './subject.ts';

/**
 * Where the server itself writes the base backup: it takes a directory that is empty, or creates one in a directory that
 * exists (basebackup_server.c, bbsink_server_new). The server is asked over --admin, and looked at where it runs here.
 */
export const serverTargetCheck = defineCheck({
  brings: ['serverTarget'],
  after: ['replicationLogin', 'adminServer', 'primaryDataDirectory'],
  async look({ replicationLogin, adminServer, primaryDataDirectory }, surroundings) {
    const { subject, host } = surroundings;
    if (subject.command === 'postmortem') return { serverTarget: noCopyIsMade };
    const [, path] = /^server:(\/.*)$/su.exec(subject.baseBackup.target ?? '') ?? [];
    if (path === undefined)
      return { serverTarget: notApplicable('the base backup is not stored in a directory of the server') };
    const over = await overAdmin(path, ifSeen(adminServer), surroundings);
    const here = ifSeen(primaryDataDirectory);
    if (over.status === 'seen' || here === undefined || sessionOf(replicationLogin)?.sameMachine !== true)
      return { serverTarget: over };
    return { serverTarget: await onThisMachine(path, await ownersHost(host, here.path), surroundings.now()) };
  },
});

async function overAdmin(
  path: string,
  server: AdminServer | undefined,
  surroundings: Surroundings,
): Promise<Observed<ServerTarget>> {
  const { admin } = surroundings.subject;
  if (admin === undefined)
    return { status: 'unseen', why: withoutAdmin('not-asked', `${path} on the server was not looked at`) };
  if (server?.identity.is !== 'the-upstream')
    return notLookedAt(path, server?.because ?? '--admin was not compared with the replication connection');
  const { session } = await connect(admin, surroundings);
  if (session === undefined) return notLookedAt(path, '--admin could not connect');
  try {
    const ask = async (statement: string): Promise<readonly (string | null)[] | string> => {
      const answer = await session.simpleQuery(statement);
      if (!answer.ok) return answer.kind === 'server' ? answer.error.message : answer.message;
      return (answer.results.at(-1)?.rows ?? []).map(([first = null]) => first);
    };
    const isDirectory = (one: string): string => `(pg_catalog.pg_stat_file(${literal(one)}, true)).isdir`;
    const kinds = await ask(
      `SELECT pg_catalog.unnest(ARRAY[${isDirectory(path)}, ${isDirectory(posix.dirname(posix.resolve(path)))}])`,
    );
    if (typeof kinds === 'string') return refused(path, kinds, surroundings.now());
    const [own, parent] = kinds;
    const names =
      own === 't'
        ? await ask(`SELECT name FROM pg_catalog.pg_ls_dir(${literal(path)}, true, false) AS name LIMIT ${mostNames}`)
        : [];
    if (typeof names === 'string') return refused(path, names, surroundings.now());
    const entries = names.filter((name) => name !== null);
    const is = own === 't' ? 'a-directory' : own === null ? 'absent' : 'not-a-directory';
    return seen(asFound(path, is, entries, parent === 't', surroundings.now()), 'pg_ls_dir()');
  } finally {
    void session.close();
  }
}

async function onThisMachine(path: string, host: Host, now: Date): Promise<Observed<ServerTarget>> {
  const [own, above] = await Promise.all([
    host.status(path, { followLinks: true }),
    host.status(posix.dirname(posix.resolve(path)), { followLinks: true }),
  ]);
  const hasParent = above.ok && above.value.kind === 'directory';
  if (!own.ok)
    return own.problem.code === 'ENOENT'
      ? seen(asFound(path, 'absent', [], hasParent, now), path)
      : notLookedAt(path, own.problem.message);
  if (own.value.kind !== 'directory') return seen(asFound(path, 'not-a-directory', [], hasParent, now), path);
  const listed = await host.list(path, { limit: mostNames });
  if (!listed.ok) return notLookedAt(path, listed.problem.message);
  return seen(
    asFound(
      path,
      'a-directory',
      listed.value.entries.map(({ name }) => name),
      hasParent,
      now,
    ),
    path,
  );
}

function asFound(
  path: string,
  is: ServerTarget['is'],
  names: readonly string[],
  hasParent: boolean,
  now: Date,
): ServerTarget {
  const taken = new Set(names);
  const wanted = `base-${now.toISOString().slice(0, 10)}`;
  const more = Array.from({ length: 100 }, (_, index) => `${wanted}-${index + 2}`);
  const name = [wanted, ...more].find((one) => !taken.has(one)) ?? `${wanted}-${now.getTime()}`;
  return {
    ...{ path, is, entries: names, more: names.length >= mostNames },
    ...{ problem: undefined, hasParent, free: posix.join(path, name) },
  };
}

/** What the system refuses to the server, it refuses to its base backup too; what SQL refuses is asked with other rights. */
const refused = (path: string, message: string, now: Date): Observed<ServerTarget> =>
  /^could not (?:stat|open|read) /u.test(message)
    ? seen({ ...asFound(path, 'not-accessible', [], false, now), problem: message }, 'the server')
    : notLookedAt(path, message);

const mostNames = 1_000;

const notLookedAt = (path: string, because: string): Observed<never> =>
  unseen(
    'permission',
    `${path} on the server was not looked at: ${because}`,
    'give --admin a superuser, or GRANT pg_read_server_files TO the role and EXECUTE on pg_stat_file(text,boolean) and pg_ls_dir(text,boolean,boolean)',
  );

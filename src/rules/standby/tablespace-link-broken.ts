import { ifSeen, seen } from '../../facts/observed.ts';
import { isOn } from '../../postgres/settings.ts';
import type { Remedy } from '../../findings/report.ts';
import type { TablespaceLink } from '../../facts/data-directory.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe } from '../../remedies/remedy.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import type { Fault } from '../../findings/judgement.ts';
import { copyEffort, effortFacts } from '../../derived/effort.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

const wants = [...newCopyFacts, ...effortFacts, 'runningStandby', 'serverLog'] as const;

export const tablespaceLinkBroken = defineRule({
  id: 'standby/tablespace-link-broken',
  title: 'A tablespace link does not point to the tablespace',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants,
  explains: [...notStreaming, 'standby/not-running', 'standby/files-lost'],
  messages: ['tblspc-dir-missing-replay', 'tblspc-unexpected-entry'],
  says: ['could not open tablespace directory "%s"'],
  docs: {
    what: 'Follows every link in pg_tblspc (and, in a base backup that was never started, every line of tablespace_map) and checks that the target is a directory with the data of a tablespace in it (PG_N_…). Also fails if the catalog of the running standby has a tablespace that pg_tblspc has no link of, and if the last start ended because the directory of a tablespace that the primary has made does not exist here.',
    why: 'The data of the tablespace is missing: replay stops, or stops the server, at the first change to it.',
    notes:
      'The usual cause is a file system that is not mounted. A directory in pg_tblspc itself, with the data in it, is an in-place tablespace, or comes from a copy that followed the links: a running server reads it, which is a warning, and a server with allow_in_place_tablespaces = off does not start on it.',
    references: ['src/backend/access/transam/xlogrecovery.c: read_tablespace_map(), CheckTablespaceDirectory()'],
  },
  judge(facts) {
    const { dataDirectory, standbyConfiguration } = facts;
    const inPlace = isOn(ifSeen(standbyConfiguration)?.files.settings.get('allow_in_place_tablespaces')?.value);
    const broken = dataDirectory.tablespaces.filter((one) => why(one, inPlace) !== undefined);
    const [first] = broken;
    const within = dataDirectory.tablespaces.filter(isWithin);
    if (first === undefined && within.length > 0 && !inPlace) return fail(refusedAtStart(within, facts));
    const wanted = first === undefined ? wantedByReplay(facts) : undefined;
    if (wanted !== undefined) return fail(notMade(wanted, facts));
    const lost = ifSeen(facts.runningStandby)?.lostTablespaces ?? [];
    if (first === undefined && lost.length > 0) return fail(withoutLink(lost, facts));
    if (first === undefined)
      return pass(
        dataDirectory.tablespaces.length === 0
          ? `${dataDirectory.path}/pg_tblspc has no tablespace`
          : `every link in ${dataDirectory.path}/pg_tblspc points to a tablespace`,
      );
    return fail({
      message: `${broken.map((one) => `${one.target ?? one.link} ${why(one, inPlace) ?? ''}`).join('; ')}: the data of ${broken.length === 1 ? 'this tablespace' : 'these tablespaces'} is missing.`,
      where: at('standby', undefined, first.link),
      evidence: broken.map((one) =>
        evidence(`pg_tblspc/${one.oid}`, one.target ?? 'not a link', one.fromMap ? 'tablespace_map' : one.link),
      ),
      remedy: broken.every(isAway) ? putBack(broken, facts) : newCopy(facts, copyAgain),
    });
  },
});

type Facts = JudgedFacts<'dataDirectory' | 'now', (typeof wants)[number]>;

/** A directory that CREATE TABLESPACE names, replayed at the last start (commands/tablespace.c, create_tablespace_directories). */
function wantedByReplay({ serverLog }: Facts): string | undefined {
  const log = ifSeen(serverLog);
  const record = log === undefined ? undefined : startFailureIn(log.summary)?.record;
  const [, directory] = /^directory "(\/.+)" does not exist$/u.exec(record?.message ?? '') ?? [];
  const isMissing = directory !== undefined && log?.missing?.includes(directory) === true;
  return isMissing && record?.hint?.includes('for the tablespace') === true ? directory : undefined;
}

function notMade(directory: string, { dataDirectory, standbyControl }: Facts): Fault {
  const owner = dataDirectory.owner.name;
  return {
    title: 'The directory of a new tablespace does not exist',
    message: `The primary has made a tablespace in ${directory}, which does not exist on this machine. Replay stops the server there, at each start.`,
    where: at('standby', undefined, directory),
    evidence: [evidence(directory, 'does not exist', 'stat')],
    isFailedStart: true,
    remedy: safe(
      `Make ${directory} for ${owner}, and start the server.`,
      asRoot(
        'standby',
        `install -d -m 0700 -o ${shellWord(owner)} ${shellWord(directory)}`,
        'make-directory',
        directory,
      ),
      intoUse(standbyControl, dataDirectory),
    ),
  };
}

/** The data is there, in pg_tblspc itself: a server reads it, and refuses it when its recovery becomes consistent (CheckTablespaceDirectory). */
function refusedAtStart(within: readonly TablespaceLink[], facts: Facts): Fault {
  const { dataDirectory } = facts;
  const runs = dataDirectory.postmaster?.process === 'running';
  const [is, it] =
    within.length === 1 ? ['is a directory and no link', 'it'] : ['are directories and no links', 'them'];
  return {
    title: 'A tablespace is a directory in pg_tblspc, which no server starts on',
    severity: runs ? 'warning' : 'error',
    message: `${within.map(({ link }) => link).join(', ')} ${is}: the primary made ${it} with allow_in_place_tablespaces, or the copy followed the links. The data is there, but with allow_in_place_tablespaces = off ${runs ? 'the next start ends' : 'the start ends'} when recovery becomes consistent.`,
    where: at('standby', undefined, within[0]?.link),
    evidence: [evidence('allow_in_place_tablespaces', 'off', 'the configuration of the standby')],
    ...(runs ? {} : { isFailedStart: true as const }),
    remedy: safe(
      `Let the server take ${it} as ${it === 'it' ? 'it is' : 'they are'}${runs ? '' : ', and start it'}.`,
      ...changeOnStandby(
        { ...facts, dataDirectory: seen(dataDirectory, dataDirectory.path) },
        { allow_in_place_tablespaces: 'on' },
        runs ? 'reload' : 'restart',
      ),
    ),
  };
}

function withoutLink(oids: readonly string[], facts: Facts): Fault {
  const folder = `${facts.dataDirectory.path}/pg_tblspc`;
  const [name, has] = oids.length === 1 ? ['tablespace', 'has'] : ['tablespaces', 'have'];
  return {
    title: 'A tablespace has no link in pg_tblspc',
    message: `The catalog of this standby has the ${name} ${oids.join(', ')}, which ${has} no link in ${folder}: the data is missing, although the server starts and streams. Every query of a table there fails.`,
    where: at('standby', undefined, folder),
    evidence: oids.map((oid) => evidence(`pg_tblspc/${oid}`, 'does not exist', 'pg_tablespace and stat(2)')),
    remedy: newCopy(facts, copyAgain, oids.map(Number)),
  };
}

const copyAgain = 'Take a new base backup; the old directory is moved aside.';

const isWithin = ({ state, empty }: TablespaceLink): boolean => state === 'not-a-link' && empty === false;

/** The data may only be away: not mounted, or renamed. */
const isAway = ({ state }: TablespaceLink): boolean => state === 'missing' || state === 'directory';

function putBack(broken: readonly TablespaceLink[], facts: Facts): Remedy {
  const places = broken.map(({ target = '' }) => shellWord(target)).join(' and ');
  const { summary, risk, steps } = newCopy(facts, copyAgain);
  const { cost, says } = copyEffort(facts);
  return {
    ...safe(
      'Put the data of the tablespace back in its place.',
      manual(
        'standby',
        `Mount the file system that belongs at ${places}, or move the directory that was there back: it has PG_${facts.dataDirectory.major ?? ''}_… in it.`,
      ),
      intoUse(facts.standbyControl, facts.dataDirectory),
    ),
    cost: { copyBytes: 0, replayBytes: null, downtimeSeconds: null },
    alternatives: [{ summary, risk, steps, because: `Only if the data of the tablespace is lost: ${says}`, cost }],
  };
}

function why({ state, empty }: TablespaceLink, inPlace: boolean): string | undefined {
  switch (state) {
    case 'missing':
      return 'does not exist';
    case 'not-a-directory':
      return 'is not a directory';
    case 'not-a-link':
      return inPlace || empty === false ? undefined : 'is not a link';
    case 'directory':
      return empty === true ? 'does not have the PG_… directory of a tablespace' : undefined;
    case 'unreadable':
      return undefined;
  }
}

import { shellWord } from '../remedies/quoting.ts';
import { cluesIn } from './weighing/clues.ts';
import type { Clue } from './weighing/clues.ts';
import type { Explanation } from './explanation.ts';
import { likeliestFirst } from './weighing/likeliest-first.ts';
import { managedServiceIn, ofManagedService } from './weighing/managed.ts';
import type { ManagedService } from './weighing/managed.ts';
import type { Seen } from './seen.ts';

/** What a whole text tells of the server that it is about. */
export interface ToldServer {
  /** What answers leave open, by its name there: `data directory`, `role`, … */
  readonly names: ReadonlyMap<string, string>;
  /** The data directory is the one that a base backup was to fill, not that of its source. */
  readonly isOfCopy: boolean;
  /** The major release. */
  readonly release: number | undefined;
  /** It is one of Docker or Compose. */
  readonly inContainer: boolean;
  /** What it tells or shows beside its messages. */
  readonly isTold: (clue: Clue) => boolean;
  /** A provider runs it. */
  readonly managed: ManagedService | undefined;
}

export const serverIn = (text: string): ToldServer => ({
  names: new Map(
    Object.entries({
      'data directory': dataDirectoryIn(text),
      'directory of the archive': onlyOne(text.matchAll(ofArchive)),
      segment: onlyOne(text.matchAll(ofSegment)),
      primary: onlyOne(text.matchAll(ofPrimary)),
      role: onlyOne(text.matchAll(ofRole)),
      stanza: onlyOne(text.matchAll(ofStanza)),
      'pg_hba.conf': onlyOne(text.matchAll(ofAuthenticationFile)),
    }).flatMap(([name, value]): readonly (readonly [string, string])[] => (value === undefined ? [] : [[name, value]])),
  ),
  isOfCopy: ofCopy.test(text),
  release: releaseIn(text),
  inContainer: ofContainers.test(text),
  isTold: cluesIn(text),
  managed: managedServiceIn(text),
});

/** Compose puts a service's name before each line; the rest is what people show beside a log. */
const ofContainers =
  /^[\w.-]+[-_]\d+ +\| |\bdocker(?:-compose| compose| (?:run|exec|logs|network|container))\b|^[^\S\n]*(?:container_name|depends_on|networks):|\/docker-entrypoint-initdb\.d\b|appears to contain a database; Skipping initialization/mu;

/** By an option, by name, or by a file that is nowhere else; undefined where files of several directories are named. */
function dataDirectoryIn(text: string): string | undefined {
  const given =
    /(?:^|\s)(?:-D|--pgdata|PGDATA)[ =]?(?:"(\/[^"\n]+)"|'(\/[^'\n]+)'|(\/[^\s"'\\,;:]+))/u.exec(text) ??
    /(?:data|destination) directory:? (?:"(\/[^"\n]+)"|'(\/[^'\n]+)'|(\/[^"'\s]+))/iu.exec(text);
  const named = given?.slice(1).find((path) => path !== undefined);
  if (named !== undefined) return named;
  return onlyOne(text.matchAll(ofDataDirectory));
}

const ofCopy =
  /\bpg_basebackup\b(?:[^\n\\]|\\\n?){0,1000}?\s(?:-D|--pgdata)\b|removing (?:contents of )?data directory|data transfer failure on directory/u;

const itsFiles = String.raw`(?:(?:standby|recovery)\.signal|backup_label|PG_VERSION|postmaster\.(?:pid|opts)|postgresql\.auto\.conf|global/pg_control|pg_wal/[0-9A-F]{24}|base/\d+/\d+)\b`;
const ofDataDirectory = new RegExp(
  String.raw`"(/[^"\n]+)/${itsFiles}|(?<![^\s'\x60(=:])(/[^\s"'\x60:;,]+)/${itsFiles}`,
  'gu',
);

/** As servers, programs, packages and images write it; undefined where several are named. */
function releaseIn(text: string): number | undefined {
  const found = onlyOne(text.matchAll(ofRelease));
  return found === undefined ? undefined : Number(found);
}

/** What the groups of a pattern have found, where that is the same everywhere. */
function onlyOne(matches: Iterable<RegExpMatchArray>): string | undefined {
  const [only, ...others] = new Set([...matches].map(([, ...groups]) => groups.find((one) => one !== undefined)));
  return others.length === 0 ? only : undefined;
}

const ofPrimary =
  /\b(?:pg_basebackup|pg_receivewal|repmgr)\b(?:[^\n\\]|\\\n?){0,1000}?\s(?:-h|--host)[ =]?'?([\w.:-]+)|\bprimary_conninfo\b.{0,1000}?\bhost='{0,2}([\w.:-]+)/gu;
const ofRole =
  /\b(?:pg_basebackup|pg_receivewal|pg_rewind|repmgr)\b(?:[^\n\\]|\\\n?){0,1000}?\s(?:-U|--username)[ =]?'?([\w-]+)|\buser='{0,2}([\w-]+)(?!\S*,db=)|\b(?:CREATE|ALTER|create|alter) (?:USER|ROLE|user|role) (?!(?:WITH|IF|ALL|with|if|all)\b)"?([\w-]+)/gu;
/** An option, a name in a message of pgBackRest's, or a directory of its repository. */
const ofStanza =
  /--stanza[= ]'?([\w.-]+)|\bstanza '([\w.-]+)'|\/(?:backup|archive)\/([\w.-]+)\/(?:backup|archive)\.info\b/gu;
const ofAuthenticationFile = /"(\/[^"\n]*\bpg_hba\.conf)"|(?<![\w"'./-])(\/[\w./-]*\/pg_hba\.conf)\b/gu;
const ofSegment = /(?<![0-9A-F])([0-9A-F]{24})(?![0-9A-F])/gu;
/** Where archive_command copies a segment to. */
const ofArchive = /\bpg_wal\/[0-9A-F]{24}["']? ["']?(\/[^\s"']*)\/[0-9A-F]{24}(?![0-9A-F.])/gu;

const ofRelease =
  /\bPostgreSQL\)? (\d{1,2})(?:\.\d|beta|rc)|\bpsql \((?:PostgreSQL\) )?(\d{1,2})\.|\/(?:lib\/)?(?:postgresql|pgsql)[-/](\d{2})\/|\/pgsql-(\d{2})\/|\bpostgres:(\d{2})\b/gu;

/** Without the causes that a server of another release alone has; what the text shows of it comes first. */
export function ofThisServer(seen: Seen, { release, isTold, managed }: ToldServer): Seen {
  const answer = (managed === undefined ? undefined : ofManagedService(seen, managed)) ?? seen.answer;
  if (answer?.causes === undefined) return { ...seen, answer };
  const fitting = answer.causes.filter(({ until }) => release === undefined || release <= (until ?? release));
  return { ...seen, answer: { ...answer, causes: likeliestFirst(fitting, isTold) } };
}

/** An explanation with what its text tells of the server. */
export const ofServer = (said: Explanation, server: ToldServer): Explanation =>
  throughItsNetwork(withItsNames(said, server), server);

/** An entry of pg_hba.conf for a container is for its networks: it has another address after another start. */
const throughItsNetwork = (said: Explanation, { inContainer }: ToldServer): Explanation =>
  inContainer
    ? {
        ...said,
        steps: said.steps.map((step) => ({
          ...step,
          text: step.text.replace(
            ofOneAddress,
            (_, before: string, after: string) =>
              `${before}samenet${after}\n(samenet: the networks of the primary's container. A container can have another address after its next start.)`,
          ),
        })),
      }
    : said;

/** RFC 1918: an engine gives no other ones. */
const ofOneAddress =
  /^(host\w* replication (?:"[^"]*"|\S+) )(?:10\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.)[\d.]+\/32( .*)$/mu;

/** What is typed, and where, has the names that the text gives. */
function withItsNames(said: Explanation, { names, isOfCopy }: ToldServer): Explanation {
  if (names.size === 0) return said;
  const prose = (text: string): string =>
    text.replaceAll(left, (whole: string, name: string) => names.get(name) ?? whole);
  const typed = (command: string, on?: string): string =>
    command.replaceAll(left, (whole: string, name: string) => {
      const value = isOfCopy && on === 'primary' && name === 'data directory' ? undefined : names.get(name);
      return value === undefined ? whole : shellWord(value);
    });
  return {
    ...said,
    means: prose(said.means),
    advice: said.advice === null ? null : prose(said.advice),
    candidates: said.candidates.map(({ cause, check, ...rest }) => ({
      ...rest,
      cause: prose(cause),
      check: check === null ? null : { ...check, command: typed(check.command, check.on) },
    })),
    next: said.next.map(({ where, command }) => ({ where, command: typed(command) })),
  };
}

const left = /<([a-z_. ]+)>/gu;

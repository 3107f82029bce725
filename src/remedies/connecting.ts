import { ifSeen } from '../facts/observed.ts';
import type { MisreadHost } from '../derived/misread-host.ts';
import type { Location, Remedy, Side, Step } from '../findings/report.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyConninfo } from '../facts/standby-configuration.ts';
import { configurationValue, conninfoValue, formatConninfo } from '../postgres/conninfo-format.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { mask } from '../postgres/secret.ts';
import { checkAgain } from './command-line.ts';
import type { Change } from './command-line.ts';
import { manual, reload, safe } from './remedy.ts';
import { systemAltered } from './reversible.ts';
import { changing, inItsLine } from './correct-conninfo.ts';
import type { Replacement } from './correct-conninfo.ts';
import { placeOf, whereItStands } from '../derived/conninfo-source.ts';
import { at } from '../findings/judgement.ts';
import type { JudgedFacts } from '../facts/facts.ts';

/** What a rule about the connection looks at to say how it is made otherwise, for its `wants`; it needs `now`. */
export const connectionFacts = [
  'baseBackup',
  'standbyConninfo',
  'dataDirectory',
  'standbyControl',
  'runningStandby',
] as const;

export type ConnectionFacts = JudgedFacts<'now', (typeof connectionFacts)[number]>;

/** Parameters of the connection with the values that they are to have; undefined: it is taken out. */
export type Parameters = Readonly<Record<string, string | undefined>>;

interface Standby {
  readonly conninfo: StandbyConninfo;
  readonly directory: DataDirectory;
}

/** The standby whose connection this is; undefined: it is that of a pg_basebackup that is still to run. */
export function standbyOf({ standbyConninfo, dataDirectory }: ConnectionFacts): Standby | undefined {
  const conninfo = ifSeen(standbyConninfo);
  const directory = ifSeen(dataDirectory);
  return conninfo === undefined || directory === undefined ? undefined : { conninfo, directory };
}

/** Who makes the connection: the standby's server, or whoever runs pg_basebackup. */
export const connectingSide = (facts: ConnectionFacts): Side => (standbyOf(facts) === undefined ? 'client' : 'standby');

/** Where the connection is written down: the line of primary_conninfo, or nowhere. */
export function whereWritten(facts: ConnectionFacts): Location {
  const standby = standbyOf(facts);
  return standby === undefined ? at('client') : whereItStands(standby.conninfo);
}

/**
 * The same connection with other parameters: primary_conninfo changed in the line where it stands and taken into use, or
 * the corrected command line of pg_basebackup.
 */
export function connectWith(facts: ConnectionFacts, values: Parameters, change: Change): readonly Step[] {
  const standby = standbyOf(facts);
  if (standby !== undefined) return setInConninfo(facts, standby, values);
  const command = ifSeen(facts.baseBackup);
  return command === undefined ? [] : [checkAgain(command, change)];
}

/** For a person, where nothing can be typed: `standby` goes on from `In primary_conninfo (FILE, line N) `. */
export function byHand(facts: ConnectionFacts, sentences: { readonly client: string; readonly standby: string }): Step {
  const standby = standbyOf(facts);
  return standby === undefined
    ? manual('client', sentences.client)
    : manual('standby', `In primary_conninfo (${placeOf(standby.conninfo)}) ${sentences.standby}`);
}

/** An IPv6 address, without what is not part of it. */
export function asMeant(facts: ConnectionFacts, { host, port }: MisreadHost, source: string): Remedy {
  const typed = source.startsWith('PG')
    ? { without: [], environment: { PGHOST: host, ...(port === undefined ? {} : { PGPORT: port }) } }
    : {
        without: ['host', ...(port === undefined ? [] : ['port'])],
        with: ['-h', host, ...(port === undefined ? [] : ['-p', port])],
      };
  return safe(
    port === undefined ? 'Write the address without the brackets.' : 'Give the address and the port separately.',
    ...connectWith(facts, port === undefined ? { host } : { host, port }, typed),
  );
}

function setInConninfo(facts: ConnectionFacts, standby: Standby, values: Parameters): readonly Step[] {
  const { conninfo, directory } = standby;
  const server = ifSeen(facts.runningStandby);
  const whole = changed(conninfo.text ?? '', values);
  // ALTER SYSTEM writes there: beside a value in another file its own would be one too many
  const altered = conninfo.file?.endsWith('/postgresql.auto.conf') === true;
  if (
    whole !== undefined &&
    altered &&
    server !== undefined &&
    server.settings.get('allow_alter_system')?.value !== 'off'
  )
    return changing(values, systemAltered('standby', 'primary_conninfo', whole, conninfo.text), reload('standby'));
  return changing(
    values,
    ...inItsLine({ ...facts, dataDirectory: directory }, conninfo, editsFor(conninfo.text ?? '', values), told(values)),
  );
}

/** The whole text with other values; undefined where a secret in it is not shown. What is not meant stays as it is written. */
export function changed(text: string, values: Parameters): string | undefined {
  const parsed = parseConninfo(text);
  if (!parsed.ok || text.includes(mask)) return undefined;
  if (parsed.value.form === 'uri') return formatConninfo({ ...parsed.value.values, ...values });
  const pairOf = (name: string): string => {
    const value = values[name];
    return value === undefined ? '' : `${name}=${bare(value)}`;
  };
  let whole = text;
  for (const { keyword, at, end } of parsed.value.settings.toReversed())
    if (keyword in values) {
      const rest = whole.slice(end);
      whole = `${whole.slice(0, at)}${pairOf(keyword)}${values[keyword] === undefined ? rest.trimStart() : rest}`;
    }
  const given = new Set<string>(parsed.value.settings.map(({ keyword }) => keyword));
  const added = Object.keys(values).flatMap((name) => (given.has(name) ? [] : [pairOf(name)]));
  return [whole.trim(), ...added.filter((pair) => pair !== '')].join(' ');
}

const told = (values: Parameters): string => {
  const all = Object.entries(values);
  const set = all.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${bare(value)}`]));
  const out = all.flatMap(([name, value]) => (value === undefined ? [name] : []));
  return [
    ...(set.length === 0 ? [] : [`primary_conninfo with ${set.join(' ')}`]),
    ...(out.length === 0 ? [] : [`without ${out.join(' and ')}`]),
  ].join(', ');
};

/**
 * What is exchanged in the line, so that what stands beside a parameter (a password) stays and is not shown. Undefined for
 * a URI with a secret in it.
 */
function editsFor(text: string, values: Parameters): readonly Replacement[] | undefined {
  const whole = changed(text, values);
  if (whole !== undefined) {
    const line = `primary_conninfo = ${configurationValue(whole)}`;
    return [{ sed: `s~.*~${replacement(line)}~`, pattern: /^.*$/gu, by: literally(line) }];
  }
  const parsed = parseConninfo(text);
  if (!parsed.ok || parsed.value.form === 'uri') return undefined;
  const given = parsed.value.values;
  return Object.entries(values).flatMap(([name, value]): readonly Replacement[] => {
    const pair = value === undefined ? '' : `${name}=${inFile(value)}`;
    if (!(name in given)) {
      return value === undefined
        ? []
        : [{ sed: `s~'~'${replacement(pair)} ~`, pattern: /^([^']*)'/gu, by: `$1'${literally(pair)} ` }];
    }
    return value === undefined
      ? [{ sed: `s~${found(name)}[[:space:]]*~\\1~g`, pattern: new RegExp(`${foundHere(name)}\\s*`, 'gu'), by: '$1' }]
      : [
          {
            sed: `s~${found(name)}~\\1${replacement(pair)}~g`,
            pattern: new RegExp(foundHere(name), 'gu'),
            by: `$1${literally(pair)}`,
          },
        ];
  });
}

/**
 * A parameter as it stands in a configuration file: bare, or in quotes, which are doubled there or stand behind a
 * backslash (guc-file.l, DeescapeQuotedString).
 */
const found = (name: string): string =>
  String.raw`\([[:space:]'"]\)${name}[[:space:]]*=[[:space:]]*\(''\([^'\\]\|\\\\''\|\\\\\\\\\)*''\|\\'[^']*'\|[^[:space:]']*\)`;

/** The same for this language; what is masked is one word here. */
const foundHere = (name: string): string =>
  String.raw`([\s'"])${name}\s*=\s*(?:''(?:[^'\\]|\\\\''|\\\\\\\\)*''|\\'[^']*'|[^\s']*)`;

const inFile = (value: string): string => bare(value).replaceAll(/['\\]/gu, '$&$&');

/** Quoted only where libpq could not read it otherwise (fe-connect.c, conninfo_parse), or a placeholder stands there. */
const bare = (value: string): string => (/^[^\s'\\<]+$/u.test(value) ? value : conninfoValue(value));

/** sed's own characters of a replacement. */
const replacement = (text: string): string => text.replaceAll(/[\\&~]/gu, String.raw`\$&`);

/** Characters that are special in what String.replace() puts in. */
const literally = (text: string): string => text.replaceAll('$', '$$$$');

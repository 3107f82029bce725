import { seen } from '../facts/observed.ts';
import type { Remedy, Step } from '../findings/report.ts';
import type { JudgedFacts } from '../facts/facts.ts';
import type { RefusedParameter, StandbyConninfo } from '../facts/standby-configuration.ts';
import { placeOf } from '../derived/conninfo-source.ts';
import { knownPrimary } from '../derived/known-primary.ts';
import { conninfoOption } from '../postgres/conninfo-options.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { connectWith } from './connecting.ts';
import type { ConnectionFacts } from './connecting.ts';
import { backupName } from './edit-file.ts';
import { shellWord } from './quoting.ts';
import { manual, safe, shell } from './remedy.ts';

/** What {@link acceptedParameter} looks at, for a rule's `wants`. */
export const acceptedParameterFacts = [
  'baseBackup',
  'standbyControl',
  'runningStandby',
  'adminServer',
  'controlFile',
] as const;

type Facts = JudgedFacts<'now' | 'standbyConninfo' | 'dataDirectory', (typeof acceptedParameterFacts)[number]>;

/**
 * A value in the place of one that libpq does not accept: what was probably meant, the port of the primary that --admin
 * shows, or libpq's default where nothing that protects the connection depends on it. primary_conninfo beats the
 * environment of the server, so that it is set there without a restart.
 */
export function acceptedParameter(facts: Facts, refused: RefusedParameter): Remedy {
  const { standbyConninfo: conninfo } = facts;
  const { keyword, service, variable } = refused;
  if (keyword === 'hostaddr' && service === undefined && variable === undefined)
    return addressAsName(facts, refused.value ?? '');
  const port = keyword === 'port' && conninfo.hosts.length === 0 ? knownPrimary(facts)?.port : undefined;
  const instead = port === undefined ? refused.instead : String(port);
  if (service !== undefined)
    return safe('Correct the value in the service file.', ...inService(facts, refused, service, instead));
  if (instead === undefined && !(isHarmless(keyword) && refused.value !== undefined))
    return safe('Correct the value.', manual('standby', byHand(conninfo, refused)));
  const fallback = variable === undefined ? undefined : conninfoOption(keyword)?.default;
  const value = instead ?? fallback;
  const sets =
    variable === undefined
      ? `Write ${keyword}=${value ?? ''}`
      : `Set ${keyword}=${value ?? ''} in primary_conninfo, where it overrides ${variable}`;
  const summary =
    value === undefined
      ? `Remove ${keyword}: libpq then uses its default.`
      : `${sets}${port === undefined ? '' : ', the port of the primary at --admin'}.`;
  return safe(summary, ...connectWith(asFacts(facts), { [keyword]: value }, {}));
}

function asFacts(facts: Facts): ConnectionFacts {
  const place = placeOf(facts.standbyConninfo);
  return {
    ...facts,
    standbyConninfo: seen(facts.standbyConninfo, place),
    dataDirectory: seen(facts.dataDirectory, place),
  };
}

/** A name belongs in host: it goes there, unless a name is there already. */
function addressAsName(facts: Facts, name: string): Remedy {
  const { standbyConninfo: conninfo } = facts;
  const parsed = parseConninfo(conninfo.text ?? '');
  const host = parsed.ok ? (parsed.value.values.host ?? '') : '';
  const summary =
    host === ''
      ? `Write host=${name} instead of hostaddr=${name}.`
      : `Remove hostaddr: libpq then looks up host=${host}.`;
  return safe(
    summary,
    ...connectWith(asFacts(facts), { hostaddr: undefined, ...(host === '' ? { host: name } : {}) }, {}),
  );
}

/** A typo in them is no reason to leave a connection without what they protect. */
const protecting = /^(?:sslmode|channel_binding|require_auth|sslcertmode|ssl_m|sslroot|port|host|service)/u;
const isHarmless = (keyword: string): boolean => !protecting.test(keyword);

function inService(
  { now }: Facts,
  { message }: RefusedParameter,
  { file, line }: { readonly file: string; readonly line: number },
  instead: string | undefined,
): readonly Step[] {
  if (instead === undefined) return [manual('standby', `Edit line ${line} of ${file}: ${message}`)];
  const [from, to] = [shellWord(backupName(file, now)), shellWord(file)];
  const command = shellWord(`${line}s/=.*/=${instead}/`);
  return [
    // nothing has to be reloaded: each new WAL receiver reads it
    shell('standby', `cp -p ${to} ${from} &&\nsed -e ${command} ${from} > ${to}`, 'edit-file', file),
  ];
}

function byHand(conninfo: StandbyConninfo, { keyword, variable, message, accepted }: RefusedParameter): string {
  const where =
    variable === undefined
      ? `In primary_conninfo (${placeOf(conninfo)})`
      : `In primary_conninfo (${placeOf(conninfo)}), where it overrides ${variable} in the environment of the server,`;
  if (keyword === 'service' && variable !== undefined)
    return `${message} Restart the server without ${variable} in its environment (the shell, the service unit or the container that starts it sets it), or define the service in a service file that the user of the server reads.`;
  if (keyword === 'service')
    return `${message} Define the service in a service file that the user of the server reads, or remove service= from primary_conninfo and write the parameters of the service there.`;
  const values = accepted === undefined ? 'a value that libpq accepts' : `one of ${accepted.join(', ')}`;
  return `${where} set ${keyword} to ${values}, and reload the standby.`;
}

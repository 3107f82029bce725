import type { Surroundings } from '../../checks/check.ts';
import { configurationDirectory } from '../../checks/configuration-directory.ts';
import { movedOn } from '../../checks/moved-on.ts';
import { ownersHost } from '../../checks/owners-host.ts';
import { checks } from '../../checks/registry.ts';
import type { PostmortemSubject } from '../../checks/subject.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import type { Host } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local.ts';
import { placeIn, placeOfDirectory } from '../../hosts/place.ts';
import type { WrittenPlace } from '../../hosts/place.ts';
import type { BegunSessions } from './begun-sessions.ts';
import { refuseWindows, rulesRead, sessionConnection } from './examination.ts';
import { unlessInterrupted } from './unless-interrupted.ts';
import type { PostmortemOptions } from '../options/postmortem-options.ts';
import { settledLook } from './settled-look.ts';
import { standbysOn } from './standbys-on.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';

/** What came of a look at a standby. */
interface LookAtStandby extends Diagnosis {
  readonly surroundings: Surroundings;
}

export interface StandbyExamination extends LookAtStandby {
  readonly again: () => Promise<LookAtStandby>;
}

/** What is done with a standby, and the exit status that it ends with. */
interface Purpose {
  /** Says what came of the look, when it is known that the place was there until the end. */
  readonly here: (examined: StandbyExamination) => Promise<number>;
  /** In a container or on another machine, where that takes more than a look. */
  readonly there?: (place: WrittenPlace) => Promise<number>;
}

/** Looks at the standby where -D says that it is. */
export async function examineStandby(
  options: PostmortemOptions,
  signal: AbortSignal,
  purpose: Purpose,
): Promise<number> {
  const { here, there = async (place) => lookThere(place, options, signal, here) } = purpose;
  const host = localHost(options);
  const given = options.pgdata ?? process.env['PGDATA'] ?? '';
  if (given === '')
    throw new UsageError(
      'missing option -D: no data directory given, and PGDATA is not set',
      `Add -D DIRECTORY, the data directory of the standby.${await standbysOn(host, 'this machine', '')}`,
    );
  const place = placeIn(given);
  if (place !== undefined) return there(place);
  refuseWindows(host);
  // logs are named on this machine
  const isOfHere = options.fix || options.dryRun || options.log.some((glob) => glob !== '-');
  const container = isOfHere ? undefined : await placeOfDirectory(host, given, options.timeoutMs);
  // what keeps it from being looked at there does not keep it from being looked at here
  const status = container && (await unlessUsageError(there(container)));
  return status ?? here(await examineOn(host, given, options, signal));
}

async function lookThere(
  place: WrittenPlace,
  options: PostmortemOptions,
  signal: AbortSignal,
  tell: Purpose['here'],
): Promise<number> {
  const [{ throughPlace }, { beginSessions }] = await Promise.all([
    import('./places.ts'),
    import('./begun-sessions.ts'),
  ]);
  const sessions = await beginSessions(options, { ...options, signal });
  // a place that broke off may have taken the way to its own server with it
  let begun: BegunSessions | undefined = sessions;
  try {
    return await throughPlace(place, options, 'postmortem', signal, async ({ host, dataDirectory }) => {
      const examination = examineOn(host, dataDirectory, options, signal, begun);
      begun = undefined;
      const examined = await examination;
      return async () => tell(examined);
    });
  } finally {
    sessions.close();
  }
}

async function unlessUsageError(status: Promise<number>): Promise<number | undefined> {
  try {
    return await status;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

async function examineOn(
  host: Host,
  given: string,
  options: PostmortemOptions,
  signal: AbortSignal,
  sessions?: BegunSessions,
): Promise<StandbyExamination> {
  const look = await lookOf(given, host, options, signal, sessions);
  return { ...(await settledLook(look, signal)), again: look };
}

/** One examination with these options, as often as it is called. */
export async function lookOf(
  given: string,
  host: Host,
  options: PostmortemOptions,
  signal: AbortSignal,
  sessions?: BegunSessions,
): Promise<() => Promise<LookAtStandby>> {
  const { timeoutMs, logins, acceptUnexamined, policy, ownRules } = options;
  const limits = { timeoutMs, logins, signal };
  const [configuration, standby, admin] = await Promise.all([
    configurationDirectory(host, given),
    sessionConnection(host, 'standby', options.standby, limits, sessions?.standby),
    sessionConnection(host, 'admin', options.admin, limits, sessions?.admin),
  ]);
  const subject: PostmortemSubject = {
    command: 'postmortem',
    dataDirectory: configuration?.dataDirectory ?? given,
    ...(configuration === undefined ? {} : { configFile: configuration.configFile }),
    standby,
    admin,
    logs: options.log,
    logBytes: options.logBytes,
  };
  const rules = rulesRead('postmortem', ownRules);
  return async () => {
    const owners = await ownersHost(host, subject.dataDirectory, options.log);
    const surroundings: Surroundings = { subject, host: owners, timeoutMs, signal, policy, now: () => host.now() };
    const diagnosis = diagnose(rules, checks, surroundings, { version, acceptUnexamined, movedOn });
    return { ...(await unlessInterrupted(diagnosis, signal)), surroundings };
  };
}

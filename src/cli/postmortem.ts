import type { Surroundings } from '../checks/check.ts';
import { configurationDirectory } from '../checks/configuration-directory.ts';
import { checks } from '../checks/registry.ts';
import type { PostmortemSubject } from '../checks/subject.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import type { Host } from '../hosts/host.ts';
import { localHost } from '../hosts/local.ts';
import { placeIn, placeOfDirectory } from '../hosts/place.ts';
import type { WrittenPlace } from '../hosts/place.ts';
import { rulesOfStandbys } from '../rules/catalogue-of-standbys.ts';
import type { CommandSurroundings } from './command.ts';
import { checkRuleIds, sessionConnection, unlessInterrupted } from './examination.ts';
import { statusOf } from './exit-status.ts';
import { checkFixOptions } from './fix-options.ts';
import { readPostmortemOptions } from './postmortem-options.ts';
import type { PostmortemOptions } from './postmortem-options.ts';
import { checkFiles, publicReport, tellReport } from './report-output.ts';
import { settledLook } from './settled-look.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Says what is wrong with a standby that exists, and how it comes back. */
export async function postmortem(words: readonly string[], { print, signal }: CommandSurroundings): Promise<number> {
  const options = readPostmortemOptions(words);
  if (options.help || options.version) {
    const { postmortemHelp } = await import('./postmortem-help.ts');
    await print(options.help ? postmortemHelp() : `standbylint ${version}\n`);
    return 0;
  }
  await checkRuleIds(options.acceptUnexamined);
  checkFixOptions(options);
  await checkFiles(options.outputs);
  const given = dataDirectoryOf(options);
  const place = placeIn(given);
  if (place === undefined) {
    const host = localHost({ timeoutMs: options.timeoutMs });
    // logs are named on this machine
    const isOfHere = options.fix || options.dryRun || options.log.some((glob) => glob !== '-');
    const container = isOfHere ? undefined : await placeOfDirectory(host, given, options.timeoutMs);
    // what keeps it from being looked at there does not keep it from being looked at here
    const status = container && (await unlessUsageError(lookThere(container, options, { print, signal })));
    return status ?? (await examineStandby(given, host, options, { print, signal }))();
  }
  return lookThere(place, options, { print, signal });
}

async function lookThere(
  place: WrittenPlace,
  options: PostmortemOptions,
  { print, signal }: CommandSurroundings,
): Promise<number> {
  if (options.fix) return fixThere(place, options, { print, signal });
  const { throughPlace } = await import('./places.ts');
  // nothing is told before it is known that the place was there until the end
  return throughPlace(place, options, 'postmortem', signal, async ({ host, dataDirectory }) =>
    examineStandby(dataDirectory, host, options, { print, signal }),
  );
}

async function fixThere(
  place: WrittenPlace,
  options: PostmortemOptions,
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const { openSite, orUsageError } = await import('./site.ts');
  const { fix } = await import('./fix.ts');
  const site = await openSite(place, options, options.dryRun ? 'postmortem' : 'mend', signal);
  try {
    const examine = await lookOf(site.dataDirectory, site.host, options, signal);
    const look = async () => site.look(examine);
    const first = await orUsageError(settledLook(look, rulesOfStandbys, signal));
    return await fix(first, look, options, { print, signal }, () => site.reopen());
  } finally {
    site.close();
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

/** Looks, and gives what tells it and ends with the exit status. */
async function examineStandby(
  given: string,
  host: Host,
  options: PostmortemOptions,
  { print, signal }: CommandSurroundings,
): Promise<() => Promise<number>> {
  const look = await lookOf(given, host, options, signal);
  const first = await settledLook(look, rulesOfStandbys, signal);
  if (options.fix) {
    const { fix } = await import('./fix.ts');
    return () => fix(first, look, options, { print, signal });
  }
  const { report, facts } = first;
  return async () => {
    await tellReport(publicReport(report, facts, host.place), options, print);
    return statusOf(report, options);
  };
}

/** One examination with these options, as often as it is called. */
async function lookOf(given: string, host: Host, options: PostmortemOptions, signal: AbortSignal) {
  const { timeoutMs, acceptUnexamined } = options;
  const configuration = await configurationDirectory(host, given);
  const subject: PostmortemSubject = {
    command: 'postmortem',
    dataDirectory: configuration?.dataDirectory ?? given,
    ...(configuration === undefined ? {} : { configFile: configuration.configFile }),
    standby: await sessionConnection(host, 'standby', options.standby),
    admin: await sessionConnection(host, 'admin', options.admin),
    logs: options.log,
    logBytes: options.logBytes,
  };
  return async () => {
    // each look has surroundings of its own: what one has found out is kept by them
    const surroundings: Surroundings = { subject, host, timeoutMs, signal, now: () => new Date() };
    const diagnosis = diagnose(rulesOfStandbys, checks, surroundings, { version, acceptUnexamined });
    return { ...(await unlessInterrupted(diagnosis, signal)), surroundings };
  };
}

function dataDirectoryOf({ pgdata = process.env['PGDATA'] ?? '' }: PostmortemOptions): string {
  if (pgdata !== '') return pgdata;
  throw new UsageError(
    'missing option -D: no data directory given, and PGDATA is not set',
    'Add -D DIRECTORY, the data directory of the standby.',
  );
}

import type { WrittenPlace } from '../hosts/place.ts';
import type { CommandSurroundings } from './command.ts';
import { configured } from './configuration/find.ts';
import { checkRuleIds } from './examination/examination.ts';
import { statusOf } from './output/exit-status.ts';
import { checkFixOptions } from './options/fix-options.ts';
import { withOwnRules } from './examination/own-rules.ts';
import { readPostmortemOptions } from './options/postmortem-options.ts';
import type { PostmortemOptions } from './options/postmortem-options.ts';
import { checkFiles, publicReport, tellReport } from './output/report-output.ts';
import { settledLook } from './examination/settled-look.ts';
import { examineStandby, lookOf } from './examination/standby-examination.ts';
import { version } from './version.ts';

/** Says what is wrong with a standby that exists, and how it comes back. */
export async function postmortem(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  const { print, signal, rules = [], logins, sharedMs, endsByInterrupt = () => undefined } = surroundings;
  const { words: whole, policy } = await configured('postmortem', words);
  const read = readPostmortemOptions(whole);
  if (read.help || read.version) {
    const { postmortemPage } = await import('./help/postmortem-help.ts');
    const { helpPage } = await import('./help/help-page.ts');
    await print(read.help ? helpPage(postmortemPage) : `standbylint ${version}\n`);
    return 0;
  }
  const ownRules = await withOwnRules(rules, read);
  const options: PostmortemOptions = { ...read, policy, ownRules, logins, sharedMs };
  await checkRuleIds(options.acceptUnexamined, ownRules);
  checkFixOptions(options);
  await checkFiles(options.outputs);
  const { watchMs } = options;
  if (watchMs !== undefined) {
    const { watch } = await import('./watch/watch.ts');
    return watch({ ...options, watchMs }, { print, signal, endsByInterrupt });
  }
  if (options.fix) {
    const { fix } = await import('./fix/fix.ts');
    return examineStandby(options, signal, {
      here: async (first) => fix(first, first.again, options, { print, signal }),
      there: async (place) => fixThere(place, options, { print, signal }),
    });
  }
  return examineStandby(options, signal, {
    here: async ({ report, facts, surroundings }) => {
      await tellReport(publicReport(report, facts, surroundings.host.place), options, print);
      return statusOf(report, options);
    },
  });
}

async function fixThere(
  place: WrittenPlace,
  options: PostmortemOptions,
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const { openSite, orUsageError } = await import('./examination/site.ts');
  const { fix } = await import('./fix/fix.ts');
  const site = await openSite(place, options, options.dryRun ? 'postmortem' : 'fix', signal);
  try {
    const examine = await lookOf(site.dataDirectory, site.host, options, signal);
    const look = async () => site.look(examine);
    const first = await orUsageError(settledLook(look, signal));
    return await fix(first, look, options, { print, signal }, () => site.reopen());
  } finally {
    site.close();
  }
}

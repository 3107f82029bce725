import { placeIn } from '../hosts/place.ts';
import type { WrittenPlace } from '../hosts/place.ts';
import type { Secret } from '../postgres/secret.ts';
import { readBaseBackupCall } from './options/base-backup-options.ts';
import type { BaseBackupCall } from './options/base-backup-options.ts';
import { examine } from './examination/examination.ts';
import type { Examination } from '../diagnosis/examination.ts';
import { statusOf } from './output/exit-status.ts';
import type { CommandSurroundings } from './command.ts';
import { configured } from './configuration/find.ts';
import { checkFixOptions } from './options/fix-options.ts';
import { withOwnRules } from './examination/own-rules.ts';
import { isForPeople } from './options/outputs.ts';
import type { OwnOptions } from './options/own-options.ts';
import { checkFiles, printedText, publicReport, tellCopy, tellReport, writeReports } from './output/report-output.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Says whether pg_basebackup with these options would succeed, and whether its copy would stream. */
export async function preflight(
  words: readonly string[],
  { print, signal, rules = [], logins, sharedMs }: CommandSurroundings,
): Promise<number> {
  const { words: whole, policy } = await configured('preflight', words);
  const read = readBaseBackupCall('preflight', whole, policy);
  if (read.command === undefined) {
    const { baseBackupPage } = await import('./help/base-backup-help.ts');
    const { helpPage } = await import('./help/help-page.ts');
    await print(read.own.help ? helpPage(baseBackupPage('preflight')) : `standbylint ${version}\n`);
    return 0;
  }
  const call = { ...read, own: { ...read.own, logins, sharedMs }, ownRules: await withOwnRules(rules, read.own) };
  checkFixOptions(call.own);
  await checkFiles(call.own.outputs);
  if (call.own.rehearse && call.own.fix)
    throw new UsageError('--rehearse cannot be combined with --fix.', 'Fix first, then run it again with --rehearse.');
  const place = placeIn(call.command.directory ?? '');
  if (place !== undefined) return preflightThere(place, call, { print, signal });
  const first = await examine('preflight', call, signal);
  if (call.own.fix) {
    const { fix } = await import('./fix/fix.ts');
    return fix(first, async (password) => first.again(password), call.own, { print, signal });
  }
  const { report, facts } = first;
  if (call.own.rehearse) return rehearsed(first, call.own, { print, signal });
  await tellReport(publicReport(report, facts), call.own, print);
  return statusOf(report, call.own);
}

/** Of a container or another machine: the report, and where nothing prevents the copy, what makes it. */
async function preflightThere(
  place: WrittenPlace,
  call: BaseBackupCall,
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const { own } = call;
  if (own.rehearse)
    throw new UsageError('--rehearse works on this machine only, and -D names another place.', 'Leave it out.');
  if (own.fix) return fixThere(place, call, { print, signal });
  const { callAt, hostOfCopy, throughPlace } = await import('./examination/places.ts');
  return throughPlace(place, own, 'preflight', signal, async ({ host, dataDirectory }) => {
    const { report, facts } = await examine('preflight', callAt(call, place, dataDirectory), signal, hostOfCopy(host));
    return async () => {
      await tellCopy(publicReport(report, facts, host.place), { facts, place: host.place }, own, print);
      return statusOf(report, own);
    };
  });
}

async function fixThere(
  place: WrittenPlace,
  call: BaseBackupCall,
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const { openSite, orUsageError } = await import('./examination/site.ts');
  const { callAt, hostOfCopy } = await import('./examination/places.ts');
  const { fix } = await import('./fix/fix.ts');
  const site = await openSite(place, call.own, 'preflight', signal);
  try {
    const there = callAt(call, place, site.dataDirectory);
    let last: Examination | undefined;
    const look = async (password: Secret | undefined) =>
      site.look(async () => {
        last = await (last?.again(password) ?? examine('preflight', there, signal, hostOfCopy(site.host)));
        return last;
      });
    return await fix(await orUsageError(look(undefined)), look, call.own, { print, signal }, () => site.reopen());
  } finally {
    site.close();
  }
}

/** The report, and then the rehearsal; in the other formats it is one, with the rehearsal as its step. */
async function rehearsed(
  examination: Examination,
  own: OwnOptions,
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const { report, facts } = examination;
  const shown = publicReport(report, facts);
  const forPeople = isForPeople(own.outputs);
  if (forPeople) await print(await printedText(shown, own));
  const { rehearse } = await import('./fix/rehearsal.ts');
  const step = await rehearse(examination, own, signal);
  const told = {
    ...shown,
    elapsedMs: examination.host.now().getTime() - Date.parse(report.startedAt),
    verdict: step.outcome === 'failed' ? ('blocked' as const) : report.verdict,
    steps: [step],
  };
  await (forPeople ? writeReports(told, own) : tellReport(told, own, print));
  return statusOf(told, own);
}

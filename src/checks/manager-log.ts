import type { Manager, ManagerLog, Patroni, Repmgr } from '../facts/manager.ts';
import { notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { LastWords } from '../postgres/manager-log/last-words.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { lettingOthersRun } from './letting-others-run.ts';
import { processOf } from './manager/processes.ts';
import { unitOf } from './server-control.ts';
import { ownOutput, placesOf, unsized } from './server-log/find.ts';
import type { LogPlace } from './server-log/log-place.ts';
import { logTail } from './server-log/log-tail.ts';
import { newestPart } from './server-log/newest-part.ts';
import { journalOf } from './server-log/unit-journal.ts';
import { noStandbyYet } from './subject.ts';

/**
 * What Patroni or repmgrd has logged itself: in the file that its configuration names, where its process writes to, in what
 * a container keeps of its output, or in the journal of its unit. The end of it is read.
 */
export const managerLogCheck = defineCheck({
  brings: ['managerLog'],
  after: ['manager'],
  async look({ manager }, surroundings) {
    if (surroundings.subject.command !== 'postmortem') return { managerLog: noStandbyYet };
    if (manager.status !== 'seen') return { managerLog: manager };
    return { managerLog: await logOf(manager.value, surroundings) };
  },
});

async function logOf(manager: Manager, { host, timeoutMs }: Surroundings): Promise<Observed<ManagerLog>> {
  if (manager.kind !== 'patroni' && manager.kind !== 'repmgr')
    return notApplicable('the log of this manager is not read');
  const places = await placesOfLog(host, manager, timeoutMs);
  const words = new LastWords(manager.kind);
  const read: string[] = [];
  const giveWay = lettingOthersRun();
  for (const { place, bytes } of newestPart(places, mostBytes)) {
    const tail = await logTail(host, place, bytes, timeoutMs);
    if (!tail.ok) continue;
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of tail.value.pieces) {
      await giveWay();
      const lines = `${rest}${decoder.decode(piece, { stream: true })}`.split('\n');
      // a line that does not end is no line of a log
      rest = (lines.pop() ?? '').slice(0, longestLine);
      for (const line of lines) words.add(line.slice(0, longestLine));
    }
    words.add(rest);
    read.push(place.path);
  }
  const source = read.at(-1);
  if (source === undefined) return unseen('not-asked', `no log of ${manager.kind} was found`);
  return seen({ by: manager.kind, words: words.result() }, source);
}

const mostBytes = 1024 * 1024;
const longestLine = 8_192;
const mostEntries = 5_000;

async function placesOfLog(host: Host, manager: Patroni | Repmgr, timeoutMs: number): Promise<readonly LogPlace[]> {
  const { logFile } = manager;
  if (logFile !== undefined) {
    // RotatingFileHandler, logrotate
    const places = await placesOf(host, [logFile, `${logFile}.1`]);
    if (places.length > 0) return places;
  }
  const pid = await processOf(host, manager);
  const own = await placesOf(host, [...new Set(await ownOutput(host, pid))]);
  if (own.length > 0) return own;
  if (host.console !== undefined) return [unsized(host.console)];
  const journals = await Promise.all(
    (await unitsOf(host, manager, pid)).map(async (unit) => journalOf(host, unit, timeoutMs, mostEntries)),
  );
  return journals.flat();
}

/** The unit that its process is in; where none runs, those that Debian's packages make for its configuration, and everybody's. */
async function unitsOf(
  host: Host,
  { kind, configFile }: Patroni | Repmgr,
  pid: number | undefined,
): Promise<readonly string[]> {
  if (pid !== undefined) {
    const status = await host.processStatus(pid);
    const unit = unitOf(status.ok ? (status.value.controlGroup ?? '') : '');
    return unit === undefined ? [] : [unit];
  }
  if (configFile === undefined || !configFile.startsWith('/etc/')) return [];
  if (kind === 'repmgr') return ['repmgrd.service'];
  const [, instance] = /^\/etc\/patroni\/(\d+-[\w-]+)\.ya?ml$/u.exec(configFile) ?? [];
  return [instance === undefined ? 'patroni.service' : `patroni@${instance}.service`];
}

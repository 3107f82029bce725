import { setTimeout as pause } from 'node:timers/promises';

import { postmasterOf } from '../../clone/basebackup/start-server.ts';
import { containerHost, isWithin, outputSince } from '../../hosts/container.ts';
import type { Purpose, Reached } from '../../hosts/reached.ts';
import type { Place } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local.ts';
import { keptBeside } from '../../remedies/container-again.ts';
import { inPlace, isUsed } from '../../remedies/in-container.ts';
import type { BaseBackupCall } from '../options/base-backup-options.ts';
import type { Begun, CloneSite } from '../../clone/site.ts';
import { examinedFrom } from '../examination/examination.ts';
import type { Examination } from '../../diagnosis/examination.ts';
import { hostOfCopy } from '../examination/places.ts';
import { UsageError } from '../usage-error.ts';

type Container = Extract<Place, { readonly kind: 'container' }>;

/**
 * A container: the copy is made by one beside it, which has its volumes, while it does not run where its entrypoint would
 * make a cluster of its own in that directory; then it is started. `leave` is called with each further way there.
 */
export function containerSite(
  container: Container,
  call: BaseBackupCall,
  examination: Examination,
  leave: (reached: Reached) => void,
): CloneSite {
  const { engine, name } = container;
  const { directory, timeoutMs } = { directory: call.command.directory ?? '', timeoutMs: call.own.timeoutMs };
  const here = localHost();
  const act = (words: readonly string[]): Promise<string | undefined> => typed(engine, words);
  const typed = async (program: string, words: readonly string[]): Promise<string | undefined> => {
    const ran = await here.run(program, words, { timeoutMs: controlMs });
    if (!ran.ok) return ran.problem.message;
    return ran.value.exitCode === 0 ? undefined : ran.value.stderr.trim();
  };
  const there = async (path = directory, purpose: Purpose = 'preflight'): Promise<Reached | string> => {
    const reached = await containerHost(engine, name, path, timeoutMs, purpose);
    if (!reached.ok) return reached.problem.message;
    leave(reached.value);
    return reached.value;
  };
  return {
    ready: async () => {
      if (container.state === 'stopped') return examination;
      if (isUsed(directory, container)) {
        const kept = keptBeside(container);
        if (kept !== undefined) {
          const [message = '', ...commands] = kept.text.split('\n');
          throw new UsageError(message, commands.length === 0 ? undefined : commands.join(' && '));
        }
        const words = ['stop', name];
        const because = await act(words);
        if (because !== undefined) throw new UsageError(`"${engine} ${words.join(' ')}" failed: ${because}`);
      } else if (container.made?.volumes.some((volume) => isWithin(directory, volume.directory)) !== true) {
        const first = await examination.host.processStatus(1);
        if (first.ok && first.value.program !== 'postgres') return examination;
        throw new UsageError(
          `${directory} is in no volume of the container ${name}: the copy would be gone with the container, and an interrupted pg_basebackup can end the sessions of the server that runs as its first process.`,
          `Give a directory in a volume (docker inspect ${name} lists them under "Mounts").`,
        );
      }
      const reached = await there(directory, 'copy');
      if (typeof reached === 'string') throw new UsageError(`the container ${name}: ${reached}.`);
      return examinedFrom(hostOfCopy(reached.host), call, examination);
    },
    start: async (_directory, plan, signal) => {
      const since = new Date();
      const log = (): Promise<string | undefined> => outputSince(engine, name, since, timeoutMs);
      // a copy that was made below PGDATA, because something was there, comes up to it
      const moves = inPlace(directory, container);
      const served = moves.length === 0 ? directory : (container.pgdata ?? directory);
      let because: string | undefined;
      for (const line of moves) because ??= await typed('sh', ['-c', line]);
      because ??= await act(plan.start.args);
      if (because !== undefined) return { ok: false, why: { interrupted: false, message: because, log: undefined } };
      return untilItRuns(
        async () => {
          const reached = await there(served);
          if (typeof reached === 'string') return reached;
          const standby = await postmasterOf(reached.host, served);
          if (!standby.ok) {
            reached.close();
            return reached.host.place?.kind === 'container' && reached.host.place.state === 'running'
              ? standby.problem.message
              : `the container ${name} does not keep running`;
          }
          return {
            ok: true,
            directory: served,
            standby: standby.value,
            examination: await examinedFrom(reached.host, call, examination),
            log,
          };
        },
        log,
        signal,
      );
    },
  };
}

/** Its server is asked for until it is there. */
async function untilItRuns(
  look: () => Promise<Begun | string>,
  log: () => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<Begun> {
  const until = Date.now() + controlMs;
  for (;;) {
    const seen = await look();
    if (typeof seen !== 'string') return seen;
    if (signal.aborted || Date.now() > until)
      return { ok: false, why: { interrupted: signal.aborted, message: seen, log: await log() } };
    await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Docker waits ten seconds for an end before it kills. */
const controlMs = 30_000;
const lookEveryMs = 500;

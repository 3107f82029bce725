import type { Observed } from '../facts/observed.ts';
import { ifSeen } from '../facts/observed.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyControl } from '../facts/standby-configuration.ts';
import { at, evidence } from '../findings/judgement.ts';
import type { Fault } from '../findings/judgement.ts';
import { createdAgain } from './container-again.ts';
import { shellWord } from './quoting.ts';
import { manual, safe } from './remedy.ts';
import { intoUse } from './signal-file.ts';

/**
 * Of a container whose main program ended before there was a server, or was killed for its memory: what its engine and its
 * entrypoint say. Undefined where it was stopped, or a server has said why.
 */
export function containerFailure(
  standbyControl: Observed<StandbyControl>,
  dataDirectory: DataDirectory,
): Fault | undefined {
  const control = ifSeen(standbyControl)?.control;
  if (control?.kind !== 'container' || control.name === undefined || control.ended === undefined) return undefined;
  const { name, engine = 'docker', ended } = control;
  const { exitCode, outOfMemory } = ended;
  const reason = outOfMemory ? 'the kernel killed it, because it reached its memory limit' : ended.said;
  if (reason === undefined || (!outOfMemory && exitCode !== undefined && orderly.has(exitCode))) return undefined;
  return {
    title: outOfMemory ? `Container "${name}" ran out of memory` : `Container "${name}" does not start`,
    message: `No server is running on ${dataDirectory.path}. The container ${name} ended${exitCode === undefined ? '' : ` with exit code ${exitCode}`}: ${reason.replace(/\.$/u, '')}.`,
    where: at('standby', undefined, dataDirectory.path),
    isFailedStart: true,
    evidence: [
      ...(exitCode === undefined ? [] : [evidence('exit code', `${exitCode}`, `${engine} inspect ${name}`)]),
      outOfMemory
        ? evidence('OOMKilled', 'true', `${engine} inspect ${name}`)
        : evidence('it said', reason, `${engine} logs ${name}`),
    ],
    remedy: outOfMemory
      ? safe(
          'Give the container more memory, and start it.',
          manual(
            'client',
            `Raise its memory limit: ${engine} update --memory SIZE --memory-swap SIZE ${shellWord(name)}, with a SIZE such as 4g.`,
          ),
          intoUse(standbyControl, dataDirectory),
        )
      : safe(
          'Fix what it reports. It comes before PostgreSQL starts, so starting it again has the same end.',
          ...(createdAgain(
            control,
            whatIsReadOnly(reason) ?? 'the command, environment, user or mount corrected that the message is about',
          ) ?? []),
        ),
  };
}

/** A root file system that is read-only, without the place for the socket and its lock beside it. */
function whatIsReadOnly(said: string): string | undefined {
  const [, path] = /(\/(?:var\/)?run(?:\/[\w-]+(?![\w.-]))*|\/tmp)[^\s:]*: Read-only file system/u.exec(said) ?? [];
  return path === undefined
    ? undefined
    : `a place that can be written to at ${path} (--tmpfs ${path}; in a compose file: "tmpfs: ${path}")`;
}

/** It ended by itself, or by `docker stop` or `docker kill`: SIGINT, SIGKILL, SIGTERM. */
const orderly: ReadonlySet<number> = new Set([0, 130, 137, 143]);

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
  const corrected = outOfMemory ? undefined : whatIsCorrected(reason, control.dataDirectory, engine);
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
      : corrected !== undefined
        ? safe(
            `${corrected.summary} Until then, every start has the same end.`,
            manual(
              'client',
              `${corrected.sentence} What the container is created with, or its image contains, changes only when it is created again.`,
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

interface Corrected {
  readonly summary: string;
  readonly sentence: string;
}

/**
 * What the main program of a container cannot be started for, in the words of runc (`exec: "/x": permission denied`, `exec
 * /x: exec format error`; older ones name no file), and a script that copies at each start.
 */
function whatIsCorrected(said: string, dataDirectory: string, engine: string): Corrected | undefined {
  const [, quoted, plain] = /\bexec:? (?:"(\/[^"]+)"|(\/[^\s:]+)):/u.exec(said) ?? [];
  const program = quoted ?? plain;
  const name = program ?? 'its entrypoint';
  if (/exec format error/u.test(said))
    return {
      summary: `Let the container run a program that its host can run.`,
      sentence: `Compare the architecture of its image (${engine} image inspect -f '{{.Architecture}}' IMAGE) with that of the host (uname -m). If they agree, ${name} is a script without a first line such as #!/bin/sh: add that.`,
    };
  if (program !== undefined && /permission denied/iu.test(said))
    return {
      summary: `Make ${program} executable.`,
      sentence: `Make ${program} executable where it comes from: chmod +x on the host, where it is mounted from, or in the Dockerfile.`,
    };
  if (plain !== undefined && /no such file or directory/u.test(said))
    return {
      summary: `Correct the first line of ${plain}.`,
      sentence: `Look at the first line of ${plain}: the interpreter that it names does not exist in the container. Line ends of Windows are the usual reason. Where the file comes from, sed -i 's/\\r$//' removes them.`,
    };
  if (said.includes(`pg_basebackup: error: directory "${dataDirectory}" exists but is not empty`))
    return {
      summary: 'Let the container make a base backup only if its data directory is empty.',
      sentence: `In what the container runs, write this before pg_basebackup: test -s ${shellWord(`${dataDirectory}/PG_VERSION`)} ||`,
    };
  return undefined;
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

import type { CopyAttempt } from '../facts/copy-attempt.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import { notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Host, Place } from '../hosts/host.ts';
import { baseBackupLine } from '../postgres/base-backup-line.ts';
import { maskText } from '../postgres/secrets-in-text.ts';
import { defineCheck } from './check.ts';
import { noStandbyYet } from './subject.ts';

/** Of a container without a data directory: the pg_basebackup that its command runs, and what that said last. */
export const copyAttemptCheck = defineCheck({
  brings: ['copyAttempt'],
  after: ['dataDirectory'],
  async look({ dataDirectory }, { host, subject }) {
    if (subject.command !== 'postmortem') return { copyAttempt: noStandbyYet };
    if (dataDirectory.status === 'seen' && isDataDirectory(dataDirectory.value))
      return { copyAttempt: notApplicable(`${dataDirectory.value.path} is a data directory`) };
    if (host.place?.kind !== 'container') return { copyAttempt: notApplicable('it is not in a container') };
    return { copyAttempt: await lookAt(host, host.place) };
  },
});

async function lookAt(host: Host, place: Extract<Place, { kind: 'container' }>): Promise<Observed<CopyAttempt>> {
  const { engine, name, made } = place;
  const output = host.console ?? '';
  const opened = await host.pieces(output);
  if (!opened.ok) return unseen('unreadable', `${output}: ${opened.problem.message}`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of opened.value.pieces)
    text = (text + decoder.decode(piece, { stream: true })).slice(-longest);
  const said = text.split('\n').findLast((line) => client.test(line));
  return seen(
    {
      command: commandIn((made?.command ?? []).join('\n'), host.environment),
      said: said === undefined ? undefined : maskText(said.trim()),
      container: { engine, name },
    },
    output,
  );
}

/** Characters of the container's output, from its end. */
const longest = 64 * 1024;

const client = /^(?:\S*\/)?(?:pg_basebackup|pg_rewind|psql|pg_ctl|initdb): (?:error: |could not |\[?[A-Za-z])/u;

/** Undefined where a variable is not known: another command line than that of the container proves nothing about it. */
function commandIn(text: string, environment: Host['environment']): string | undefined {
  const line = baseBackupLine(text)?.replaceAll(
    /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/gu,
    (whole, braced?: string, plain?: string) => environment[braced ?? plain ?? ''] ?? whole,
  );
  if (line === undefined || line.includes('$')) return undefined;
  return line.replace(/ (?:-D ?|--pgdata[= ])(?:"[^"]*"|'[^']*'|\S+)/u, '');
}

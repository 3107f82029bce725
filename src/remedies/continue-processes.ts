import type { HeldProcess } from '../facts/machine.ts';
import type { Remedy, Side } from '../findings/report.ts';
import { disruptive, manual, safe, shell } from './remedy.ts';

/** `process 4711 (walreceiver)`; a session or another one with what it says of itself. */
export const inWords = ({ pid, kind, title }: HeldProcess): string =>
  `process ${pid} (${kind === 'another' ? title : kind})`;

const stillPrimary =
  'Find out who stopped the primary. If another server was promoted in its place, do not let it continue: two primaries would accept writes.';

/** What lets them go on. Whoever has stopped them may have meant it: it is for a person to say. */
export function goOn(on: Side, held: readonly HeldProcess[]): Remedy {
  const traced = held.filter((process) => process.held === 'traced');
  if (traced.length > 0)
    return safe(
      'Detach the debugger.',
      manual(
        on,
        `End the debugger (gdb, strace) that holds ${traced.map(inWords).join(', ')}: TracerPid in /proc/${traced[0]?.pid ?? 'PID'}/status is its number.`,
      ),
    );
  // the postmaster last: its children are ready when it goes on
  const pids = held.toSorted((a, b) => Number(a.kind === 'postmaster') - Number(b.kind === 'postmaster'));
  const resume = shell(on, `kill -CONT ${pids.map(({ pid }) => pid).join(' ')}`, 'continue-process');
  // a primary may have been stopped to keep it from writing, after another server took its place
  return on === 'primary' && held.some(({ kind }) => kind === 'postmaster')
    ? disruptive('Make sure that it is still the primary, then let it continue.', manual(on, stillPrimary), resume)
    : disruptive('Find out who stopped it, and let it continue.', resume);
}

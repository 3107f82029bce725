import type { HeldProcess } from '../facts/machine.ts';
import type { Remedy, Side } from '../facts/report.ts';
import { disruptive, manual, safe, shell } from '../remedies/remedy.ts';

/** `process 4711 (walreceiver)`; a session or another one with what it says of itself. */
export const inWords = ({ pid, kind, title }: HeldProcess): string =>
  `process ${pid} (${kind === 'another' ? title : kind})`;

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
  const caution =
    on === 'primary'
      ? 'First find out who stopped it, and make sure that no other server was promoted in its place; then let it continue.'
      : 'Find out who stopped it, and let it continue.';
  return disruptive(caution, shell(on, `kill -CONT ${pids.map(({ pid }) => pid).join(' ')}`, 'continue-process'));
}

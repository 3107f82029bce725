import type { Node } from './hba-regex-syntax.ts';
import { parseRegex } from './hba-regex-syntax.ts';

export type HbaRegex =
  | { readonly kind: 'compiled'; readonly matches: (name: string) => boolean }
  /** PostgreSQL refuses the line; `error` as pg_regerror words it: `parentheses () not balanced`. */
  | { readonly kind: 'broken'; readonly error: string }
  /** PostgreSQL understands it and this program does not: look-around, back references, embedded options, collating elements. */
  | { readonly kind: 'unsupported'; readonly because: string };

/**
 * Compiles the regular expression of a pg_hba.conf name (`/…`, PostgreSQL 16 and later; without the slash), an "advanced" one in collation C.
 * The server has no database encoding yet when it asks pg_hba.conf, so that `.` is one byte of UTF-8 (mbutils.c: SQL_ASCII until then).
 * It runs in time proportional to the name: an expression from a file cannot hang the program.
 */
export function compileHbaRegex(pattern: string): HbaRegex {
  const parsed = parseRegex(toBytes(pattern));
  if (parsed.kind !== 'parsed') return parsed;
  const program: Instruction[] = [];
  emit(parsed.node, program);
  if (program.length >= mostInstructions) return { kind: 'unsupported', because: 'its repetitions are too large' };
  program.push({ op: 'found' });
  return { kind: 'compiled', matches: (name) => run(program, toBytes(name)) };
}

type Instruction =
  | { readonly op: 'byte'; readonly accepts: (code: number) => boolean }
  | { readonly op: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly op: 'split'; readonly to: readonly number[] }
  | { readonly op: 'found' };

const mostInstructions = 20_000;

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Thompson's construction: `split` targets are absolute indexes, filled in when the part behind is known. */
function emit(node: Node, program: Instruction[]): void {
  if (program.length >= mostInstructions) return;
  switch (node.kind) {
    case 'byte':
      program.push({ op: 'byte', accepts: node.accepts });
      return;
    case 'assert':
      program.push({ op: 'assert', holds: node.holds });
      return;
    case 'sequence':
      for (const part of node.parts) emit(part, program);
      return;
    case 'choice':
      emitChoice(node.branches, program);
      return;
    case 'repeat':
      for (let count = 0; count < node.least; count++) emit(node.part, program);
      if (node.most === Infinity) emitStar(node.part, program);
      else
        for (let count = node.least; count < node.most; count++)
          emitChoice([node.part, { kind: 'sequence', parts: [] }], program);
  }
}

function emitChoice(branches: readonly Node[], program: Instruction[]): void {
  const split = program.length;
  const starts: number[] = [];
  const ends: number[] = [];
  program.push({ op: 'split', to: starts });
  for (const branch of branches) {
    starts.push(program.length);
    emit(branch, program);
    ends.push(program.length);
    program.push({ op: 'split', to: [] });
  }
  program[split] = { op: 'split', to: starts };
  for (const end of ends) program[end] = { op: 'split', to: [program.length] };
}

function emitStar(part: Node, program: Instruction[]): void {
  const split = program.length;
  program.push({ op: 'split', to: [] });
  emit(part, program);
  program.push({ op: 'split', to: [split] });
  program[split] = { op: 'split', to: [split + 1, program.length] };
}

/** Follows all possible paths at once; the match may begin anywhere, as the expression is not anchored. */
function run(program: readonly Instruction[], text: string): boolean {
  let threads = new Set<number>();
  for (let at = 0; at <= text.length; at++) {
    const reached = new Set<number>();
    for (const start of [...threads, 0]) if (follow(program, start, text, at, reached)) return true;
    threads = new Set();
    for (const index of reached) {
      const instruction = program[index];
      if (instruction?.op === 'byte' && at < text.length && instruction.accepts(text.charCodeAt(at)))
        threads.add(index + 1);
    }
  }
  return false;
}

function follow(
  program: readonly Instruction[],
  start: number,
  text: string,
  at: number,
  reached: Set<number>,
): boolean {
  const open = [start];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    const instruction = program[index];
    if (instruction?.op === 'found') return true;
    if (instruction?.op === 'split') open.push(...instruction.to);
    if (instruction?.op === 'assert' && instruction.holds(text, at)) open.push(index + 1);
  }
  return false;
}

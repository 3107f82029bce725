import type { Step } from '../findings/report.ts';
import { literal, shellWord } from './quoting.ts';

/**
 * The same change of a setting, made only where the files that it needs are there and not empty: lines that are pasted one
 * after another go on after one that failed. psql runs what the query yields (`\gexec`), and so does --fix.
 */
export function onlyWithFiles(step: Step, files: readonly string[]): Step {
  if (step.kind === 'shell') {
    const there = files.map((file) => `test -s ${shellWord(file)}`).join(' && ');
    return { ...step, text: `${there} &&\n${step.text}` };
  }
  if (step.kind !== 'sql' || step.does !== 'set-configuration') return step;
  const there = files.map((file) => `(pg_stat_file(${literal(file)}, true)).size > 0`).join(' AND ');
  const otherwise = `SELECT ${literal('a file is missing: the setting stays as it is')}`;
  return {
    ...step,
    text: `SELECT CASE WHEN ${there} THEN ${literal(step.text)} ELSE ${literal(otherwise)} END \\gexec`,
  };
}

/** The statement that is made where the files are there. */
export function withoutCondition(text: string): string {
  const [, statement] =
    /^SELECT CASE WHEN \(pg_stat_file\([\s\S]* THEN '((?:[^']|'')*)' ELSE [\s\S]* \\gexec$/u.exec(text) ?? [];
  return statement?.replaceAll("''", "'") ?? text;
}

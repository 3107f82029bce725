import type { Report } from '../findings/report.ts';
import { isProblem } from '../findings/report.ts';
import type { TextContext } from './finding-text.ts';
import { columns, counted, indent, wrap } from './layout.ts';

/** The one line that matters: `BROKEN  2 problems keep this standby from following db1`. */
export function verdictText(report: Report, { width, paint, scene }: TextContext): readonly string[] {
  const word = verdictWords[report.verdict];
  const color = colors[report.verdict];
  const start = columns(word) + 4;
  const [first = '', ...rest] = wrap(verdictSentence(report, scene), width - start);
  return [`  ${paint.strong(paint[color](word))}  ${first}`, ...indent(rest, start)];
}

export const verdictWords: Readonly<Record<Report['verdict'], string>> = {
  ready: 'READY',
  blocked: 'NOT READY',
  healthy: 'HEALTHY',
  degraded: 'DEGRADED',
  broken: 'BROKEN',
  unknown: 'UNKNOWN',
};

const colors = {
  ready: 'good',
  blocked: 'bad',
  healthy: 'good',
  degraded: 'unsure',
  broken: 'bad',
  unknown: 'unsure',
} as const;

/** What the verdict means here, as a sentence without its full stop. */
export function verdictSentence(
  report: Report,
  { primaryName, stream, streams, makesNoStandby }: TextContext['scene'],
): string {
  const { verdict, command, subject, findings, rules } = report;
  const count = findings.filter((one) => one.causedBy === null && isProblem(one, verdict)).length;
  const upstream = subject.primary ?? 'its primary';
  switch (verdict) {
    case 'ready':
      return command === 'clone'
        ? 'nothing prevents the base backup'
        : makesNoStandby === true
          ? 'pg_basebackup will succeed; what it makes is not a standby yet'
          : 'pg_basebackup will succeed and the standby will stream';
    case 'blocked':
      // by the configuration alone: the standby would work
      return findings.some(({ severity, ownSeverity = severity }) => ownSeverity === 'error')
        ? `${problems(count)} ${count === 1 ? 'prevents' : 'prevent'} a working standby`
        : `the configuration makes ${problems(count)} an error`;
    case 'healthy':
      return stream ?? `follows ${upstream}`;
    case 'degraded':
      return count === 0
        ? `it follows ${upstream}, with a problem that the configuration accepts`
        : `it follows ${upstream}, but ${problems(count)} ${count === 1 ? 'needs' : 'need'} attention`;
    case 'broken': {
      const from = primaryName === 'primary' ? 'its primary' : primaryName;
      if (streams === true && !findings.some(saysItDoesNotFollow))
        return `it still follows ${from}, but ${problems(count)} will stop it, or ${count === 1 ? 'puts' : 'put'} its data at risk`;
      return `${problems(count)} ${count === 1 ? 'keeps' : 'keep'} this standby from following ${from}`;
    }
    case 'unknown': {
      const warnings = findings.filter(
        ({ severity, causedBy, accepted }) => severity === 'warning' && causedBy === null && accepted === undefined,
      ).length;
      const found = warnings === 0 ? 'no problem found' : `${counted(warnings, 'warning')}, no error found`;
      if (report.notShown.length > 0) return `${found}, but it was not shown ${report.notShown.join('; ')}`;
      const open = rules.filter(({ outcome }) => outcome === 'unexamined' || outcome === 'crashed');
      const needAdmin = open.length > 0 && open.every(({ remedy }) => remedy?.startsWith('add --admin') === true);
      return `${found}, but ${counted(open.length, 'check')} ${needAdmin ? `${open.length === 1 ? 'needs' : 'need'} --admin` : 'could not run'}`;
    }
  }
}

const saysItDoesNotFollow = ({ rule, severity }: Report['findings'][number]): boolean =>
  severity === 'error' && rule.startsWith('streaming/');

const problems = (count: number): string => counted(count, 'problem');

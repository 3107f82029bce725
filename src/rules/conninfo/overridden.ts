import type { StandbyConninfo } from '../../facts/standby.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Written } from '../../postgres/written-lines.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { manual, safe, reload } from '../../remedies/remedy.ts';
import { intoUse } from '../standby/signal.ts';
import { stageOf } from '../../facts/login.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { placeOf, whereItStands } from './source.ts';

export const overridden = defineRule({
  id: 'conninfo/overridden',
  title: 'primary_conninfo is set in several places, and another one wins than one would think',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'dataDirectory', 'now'],
  wants: ['replicationLogin', 'standbyControl', 'runningStandby'],
  explains: [
    ...notStreaming,
    'network/name-not-resolved',
    'network/connection-refused',
    'network/timed-out',
    'network/unreachable',
    'role/wrong-password',
    'role/missing',
    'hba/no-replication-entry',
    'streaming/wrong-upstream',
    'timeline/system-identifier-differs',
  ],
  docs: {
    what: 'Looks for values of primary_conninfo that are beaten by a later line, by a file that is included later, by postgresql.auto.conf (which is read last), or by the command line, and that say something else than the one that wins.',
    why: 'Whoever edits the value that is beaten changes nothing, and wonders.',
    notes:
      'An empty value, and the same value twice, are no finding, nor is a second line in postgresql.auto.conf: pg_basebackup -R writes it so where it copies a standby, and the last one is meant. It is an error when the value that wins does not lead to a primary; while that one works it is a warning.',
    references: ['PostgreSQL manual, section 19.1.2, Parameter Interaction via the Configuration File'],
  },
  judge({ standbyConninfo: conninfo, dataDirectory, now, replicationLogin, standbyControl, runningStandby }) {
    if (conninfo.text === undefined && conninfo.overridden.length === 0)
      return notApplicable('primary_conninfo is not set');
    const different = conninfo.overridden.filter(({ text }) => text !== '' && text !== conninfo.text);
    if (different.length === 0) return pass(`primary_conninfo is set in one place (${placeOf(conninfo)})`);
    const login = ifSeen(replicationLogin);
    const works = login !== undefined && stageOf(login).stage === 'accepted';
    // pg_basebackup -R writes below what it copied of another standby's own file, which nobody edits
    const others = different.filter(({ file }) => file !== conninfo.file || !isAutoConf(file));
    if (others.length === 0) return pass(`${placeOf(conninfo)} comes after what the copy of another standby brought`);
    const last = others.at(-1);
    const runs = dataDirectory.postmaster?.process === 'running';
    const apply =
      runs && ifSeen(runningStandby) !== undefined ? reload('standby') : intoUse(standbyControl, dataDirectory);
    const list = others.map((one) => placeOf(one)).join(' and ');
    return fail({
      severity: works ? 'warning' : 'error',
      message: `primary_conninfo in ${list} has no effect: ${placeOf(conninfo)} is read later and wins${works ? '. What wins works today' : ', and does not lead to a primary'}.`,
      where: whereItStands(conninfo),
      evidence: [
        evidence('wins', conninfo.text ?? '(empty)', placeOf(conninfo)),
        ...others.map((one) => evidence('is beaten', one.text, placeOf(one))),
      ],
      remedy: works
        ? safe(
            'Turn the value without effect into a comment, so that nobody edits it again.',
            ...commentOut(others, conninfo.written, now),
          )
        : safe(
            `Turn the value that wins into a comment, so that the one in ${last === undefined ? 'the other file' : placeOf(last)} counts.`,
            ...winnerOut(conninfo, now),
            apply,
          ),
    });
  },
});

const isAutoConf = (file: string): boolean => file.endsWith('/postgresql.auto.conf');

const winnerOut = ({ file, line, written }: StandbyConninfo, now: Date) =>
  file === undefined || line === undefined
    ? [
        manual(
          'standby',
          'Take primary_conninfo out of the command that starts the server: it stands there, and beats every file.',
        ),
      ]
    : commentOut([{ file, line }], written, now);

function commentOut(
  places: readonly { readonly file: string; readonly line: number }[],
  written: Written | undefined,
  now: Date,
) {
  const files = [...new Set(places.map(({ file }) => file))];
  return files.map((file) => {
    const lines = places.flatMap((one) => (one.file === file ? [one.line] : []));
    return editFile('standby', { file, now, written: written?.get(file) }, { act: 'comment-out', lines });
  });
}

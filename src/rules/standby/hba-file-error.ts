import { appended } from '../../remedies/hba-entry.ts';
import { beginsWithMark, editFile } from '../../remedies/edit-file.ts';
import { mountedAgain } from '../../remedies/container-again.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { ifSeen } from '../../facts/observed.ts';
import { linesOf } from '../../derived/hba-entry-lines.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';

export const hbaFileError = defineRule({
  id: 'standby/hba-file-error',
  title: "The standby's pg_hba.conf has a line that the server cannot parse",
  severity: 'error',
  commands: ['postmortem'],
  needs: ['startNeeds', 'dataDirectory', 'now'],
  wants: ['standbyControl'],
  explains: [...notStreaming],
  messages: ['could-not-load-hba'],
  docs: {
    what: 'While the server is down, reads the pg_hba.conf that it will start with, as the server does. Fails on a line that does not parse, on a file without an entry, on a missing file, and on a directory in its place.',
    why: 'A running server keeps its old rules if the file has an error. A server that is starting exits with "could not load pg_hba.conf".',
    notes:
      "A file without any entry is an error too: no one could log in, so the server does not start. A base backup omits symbolic links: if the primary's pg_hba.conf is one, the standby has no pg_hba.conf.",
    references: ['src/backend/libpq/hba.c: load_hba()', 'src/backend/postmaster/postmaster.c: PostmasterMain()'],
  },
  judge({ startNeeds: { hba, hbaMissing, hbaDirectory }, dataDirectory, now, standbyControl }) {
    if (hbaDirectory !== undefined) {
      const { file, mounted } = hbaDirectory;
      const control = ifSeen(standbyControl)?.control;
      const again = mounted ? mountedAgain(control, file) : undefined;
      return fail({
        title: "The standby's pg_hba.conf is a directory",
        message: `${file} is a directory, in which the server finds no entry, so it does not start.${again === undefined ? '' : ' An engine of containers makes a directory where the file that is to be mounted does not exist on its host.'}`,
        where: at('standby', undefined, file),
        evidence: [evidence('pg_hba.conf', mounted ? 'a directory, mounted' : 'a directory', file)],
        remedy: safe(
          'Put a file in its place.',
          ...(again ?? [
            manual(
              'standby',
              `Move the directory ${file} aside, and put a pg_hba.conf in its place, with the entries of the primary's file.`,
            ),
            intoUse(standbyControl, dataDirectory),
          ]),
        ),
      });
    }
    if (hbaMissing !== undefined)
      return fail({
        title: 'The standby has no pg_hba.conf',
        message: `${hbaMissing} does not exist, and the server does not start without it. If it is a symbolic link on the primary, a base backup omits it.`,
        where: at('standby', undefined, hbaMissing),
        evidence: [evidence('pg_hba.conf', 'does not exist', hbaMissing)],
        remedy: safe(
          "Create it with an entry for local sessions, and start the server. For other clients, copy the entries of the primary's file.",
          editFile(
            'standby',
            { file: hbaMissing, now, absent: true },
            { act: 'append', lines: ['local all all peer'] },
          ),
          intoUse(standbyControl, dataDirectory),
        ),
      });
    if (hba === undefined) return notApplicable('its pg_hba.conf could not be read completely');
    const { file, lines, written } = hba;
    const start = intoUse(standbyControl, dataDirectory);
    if (lines.length === 0)
      return fail({
        title: "The standby's pg_hba.conf has no entry",
        message: `${file} has no entry, so no one could log in, and the server does not start.`,
        where: at('standby', undefined, file),
        evidence: [evidence('entries', '0', file)],
        remedy: safe(
          "Allow local connections, and start the server. For other clients, copy the entries of the primary's file.",
          editFile(
            'standby',
            { file, now, written: written.get(file) },
            appended('local all all peer', written.get(file)),
          ),
          start,
        ),
      });
    const broken = lines.filter((line) => line.kind === 'broken');
    const [first] = broken;
    if (first === undefined) return pass(`all ${lines.length} lines of ${file} can be read`);
    const files = [...new Set(broken.map((line) => line.file))];
    const marked = broken.every((one) => one.line === 1 && beginsWithMark(written.get(one.file)));
    return fail({
      message: `${first.file}, line ${first.line}: ${first.error}${marked ? ', as the file begins with a byte order mark' : ''}. The server does not start.`,
      where: at('standby', undefined, first.file, first.line),
      evidence: broken.map((line) => evidence(`line ${line.line}`, line.error, line.file)),
      frame: {
        side: 'standby',
        file: first.file,
        lines: broken
          .filter((line) => line.file === first.file)
          .map((line) => ({ number: line.line, text: line.text, remark: line.error })),
      },
      remedy: safe(
        `${marked ? 'Remove the byte order mark' : `Comment out ${broken.length === 1 ? 'this line' : 'these lines'}`}, and start the server.`,
        ...files.map((name) =>
          editFile(
            'standby',
            { file: name, now, written: written.get(name) },
            { act: 'comment-out', lines: broken.flatMap((line) => (line.file === name ? linesOf(line) : [])) },
          ),
        ),
        start,
      ),
    });
  },
});

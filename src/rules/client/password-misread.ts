import type { PasswordSource } from '../../facts/connection.ts';
import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Misreading } from '../../postgres/password-as-written.ts';
import { changePassfileLine } from '../../remedies/passfile-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { connectingSide, connectionFacts, standbyOf } from '../../remedies/connecting.ts';
import { passwordInConninfo } from '../../remedies/password-in-conninfo.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const passwordMisread = defineRule({
  id: 'client/password-misread',
  title: 'libpq reads another password than the one that was written',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['replicationRole', ...connectionFacts],
  explains: ['role/wrong-password', ...notStreaming],
  docs: {
    what: 'Fails when the server refuses the password, and a character in it is not read as it was written: a colon or a backslash that is not escaped in the password file, a space at the end of its line or quotes around the password there, a backslash in primary_conninfo that the quotes of the configuration file or of the connection string remove.',
    why: 'libpq sends a different password than the correct one that was written, and the server only says that it is wrong.',
    notes:
      'In a password file `:` and `\\` are written `\\:` and `\\\\`. In primary_conninfo a backslash is written four times and an apostrophe as two backslashes and two apostrophes, in doubled apostrophes. The fix asks for the password and escapes it.',
    references: [
      'The Password File: https://www.postgresql.org/docs/current/libpq-pgpass.html',
      'src/interfaces/libpq/fe-connect.c: passwordFromFile(), conninfo_parse()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, replicationRole, ...seen }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the primary accepted ${plan.user}`);
    if (stage.stage !== 'server-refused' || stage.refusal !== 'password-refused')
      return unexamined(notThatFar(stage.attempt));
    const role = ifSeen(replicationRole);
    if (role !== undefined && (!role.exists || role.expired || role.password === 'none'))
      return notApplicable(`no password of ${plan.user} is right`);
    const refused = evidence('the server says', stage.error.message, 'the replication login');
    const { passfile } = plan.password;
    const line = misreadLine(plan.password);
    if (line !== undefined) {
      const side = connectingSide(seen);
      const place = `line ${line.number} of ${passfile.path}`;
      return fail({
        title: `${titles[line.misread]} in line ${line.number} of ${passfile.path}`.slice(0, 70),
        message: `The password in ${place} ${inPassfile[line.misread]} The server refuses that password.`,
        where: at(side, undefined, passfile.path, line.number),
        evidence: [evidence('the password comes from', place, passfile.pathSource), refused],
        remedy: safe(
          `Write the password into that line again, with every character escaped as it must be.`,
          changePassfileLine(side, passfile, line.number, seen.now),
        ),
      });
    }
    const standby = standbyOf(seen);
    if (plan.password.from !== 'conninfo' || standby?.conninfo.passwordMisread === undefined)
      return pass(`the password from ${plan.password.words} is read as it is written`);
    const { conninfo, directory } = standby;
    return fail({
      title: 'A backslash in the password of primary_conninfo is lost',
      message: `The password in primary_conninfo (${placeOf(conninfo)}) has a backslash that the quotes of the configuration file or of the connection string take away. The server refuses what is left.`,
      where: whereItStands(conninfo),
      evidence: [evidence('primary_conninfo', conninfo.text ?? '', placeOf(conninfo)), refused],
      remedy: safe(
        'Write the password into primary_conninfo again, with every character escaped as it must be.',
        ...passwordInConninfo({ ...seen, dataDirectory: directory }, conninfo),
      ),
    });
  },
});

function misreadLine({
  from,
  passfile: { state },
}: PasswordSource): { readonly number: number; readonly misread: Misreading } | undefined {
  return from === 'passfile' && state.kind === 'used' && state.misread !== undefined
    ? { number: state.line, misread: state.misread }
    : undefined;
}

const titles = {
  colon: 'Unescaped colon in the password',
  backslash: 'Unescaped backslash in the password',
  blank: 'Blank behind the password',
  quotes: 'Quotes around the password',
} as const;

const inPassfile = {
  colon: 'has a colon that is not escaped: libpq reads only what is before it.',
  backslash: 'has a backslash that is not escaped: libpq drops it.',
  blank: 'ends in a blank, which libpq reads as a part of it.',
  quotes: 'is in quotes, which libpq reads as a part of it.',
} as const;

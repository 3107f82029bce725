import { posix } from 'node:path';

import { stageOf, notThatFar } from '../../facts/login.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import { addPassfileLine } from '../../remedies/passfile-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { connectWith } from '../../remedies/connecting.ts';
import { notExpanded, wholePassfilePath } from '../../remedies/whole-passfile-path.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';

export const conninfoNoPassword = defineRule({
  id: 'conninfo/no-password',
  title: 'The standby has no password for the primary',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'connectionPlan', 'replicationLogin', 'standbyServerUser', 'now'],
  wants: ['dataDirectory', 'standbyControl', 'runningStandby', 'baseBackup', 'manager'],
  explains: [...notStreaming, 'client/no-password', 'role/wrong-password'],
  messages: ['libpq-no-password'],
  docs: {
    what: 'Fails when the primary asks for a password, but neither primary_conninfo nor the password file of the user that runs the standby has one.',
    why: 'The WAL receiver cannot prompt for a password: it exits, and tries again every few seconds.',
    notes:
      'The password file must be in the home directory of the user that runs the server: one that works for `psql` as root or as an administrator does not work for the standby. If it exists but does not work, see client/passfile-ignored and client/passfile-no-match.',
    references: [
      'The Password File: https://www.postgresql.org/docs/current/libpq-pgpass.html',
      'Streaming Replication, Authentication: https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-AUTHENTICATION',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, connectionPlan: plan, replicationLogin, dataDirectory, now } = facts;
    const { standbyServerUser: user } = facts;
    const stage = stageOf(replicationLogin);
    const { from, words, passfile } = plan.password;
    if (stage.stage === 'accepted')
      return pass(
        from === 'none'
          ? 'the login succeeded and needed no password'
          : `the login succeeded with the password from ${words}`,
      );
    if (stage.stage !== 'client-stopped' || stage.why !== 'no-password')
      return from === 'none'
        ? unexamined(notThatFar(stage.attempt))
        : notApplicable(`the password comes from ${words}`);
    if (passfile.state.kind === 'ignored' || passfile.state.kind === 'no-match')
      return notApplicable(
        `${passfile.path} exists but does not work, see client/passfile-ignored and client/passfile-no-match`,
      );
    if (passfile.state.kind === 'not-seen')
      return unexamined({
        kind: 'permission',
        because: passfile.state.because,
        remedy: `run standbylint as ${user.name} or as root`,
      });
    // config.py, _write_recovery_params
    if (
      ifSeen(facts.manager)?.kind === 'patroni' &&
      passfile.state.kind === 'absent' &&
      ifSeen(dataDirectory)?.postmaster?.process !== 'running'
    )
      return notApplicable(`Patroni writes ${passfile.path} before it starts the server`);
    const { attempt } = stage;
    const asked = plan.hosts.find(({ host, port }) => host === attempt.host && port === attempt.port) ?? attempt;
    const entry = { ...asked, user: plan.user };
    const directory = ifSeen(dataDirectory);
    const hasPlace = passfile.path !== '' && passfile.hasNoPlace !== true;
    // where it has no place, as in a home that does not exist: beside the data, where no other user may look
    const own = posix.join(directory?.path ?? '', '.pgpass');
    const asOwner = directory?.owner.name ?? user.name;
    const here = { ...facts, standbyConninfo: seen(conninfo, placeOf(conninfo)) };
    const asks = `${attempt.host}:${attempt.port} asks for the password of role "${plan.user}".`;
    return fail({
      message:
        passfile.meant !== undefined
          ? `${asks} ${notExpanded(passfile.path)}`
          : `${asks} primary_conninfo (${placeOf(conninfo)}) has none, and ${passfile.path === '' ? `${user.name}, the user that runs the server, has no home directory with a password file` : `${passfile.path} ${passfile.state.kind === 'absent' ? 'does not exist' : 'has no matching line'}`}.`,
      where: whereItStands(conninfo),
      evidence: [
        evidence('primary_conninfo', conninfo.text ?? '', placeOf(conninfo)),
        evidence('password', words, 'libpq'),
        evidence(
          'the server runs as',
          `${user.name}, whose home is ${user.home ?? 'not known'}`,
          'the owner of the data directory',
        ),
      ],
      remedy:
        wholePassfilePath(here, passfile, entry) ??
        safe(
          `Add it to ${hasPlace ? 'the' : 'a'} password file of ${asOwner}. The WAL receiver tries again by itself.`,
          ...(hasPlace
            ? [addPassfileLine('standby', passfile, entry, now)]
            : [
                addPassfileLine('standby', { ...passfile, path: own, state: { kind: 'absent' } }, entry, now),
                ...connectWith(here, { passfile: own }, {}),
              ]),
        ),
    });
  },
});

import { seen } from '../../facts/observed.ts';
import { safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { connectWith } from '../../remedies/connecting.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';

export const anyHostMayAnswer = defineRule({
  id: 'conninfo/any-host-may-answer',
  title: 'primary_conninfo lists several hosts and accepts any of them',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'dataDirectory', 'now'],
  wants: ['standbyControl', 'runningStandby', 'baseBackup'],
  docs: {
    what: 'Warns when primary_conninfo lists several hosts and target_session_attrs is not set (or is `any`).',
    why: 'After a failover, the first host that answers may be a standby. This standby then follows it, one step further from the primary, and this remains unnoticed until that server is removed.',
    notes:
      'For an intended cascade, use one host or target_session_attrs=standby (14 and later). `read-write` selects the primary on every release.',
    references: [
      'Specifying Multiple Hosts: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS',
      'target_session_attrs: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, dataDirectory } = facts;
    if (conninfo.text === undefined) return notApplicable('primary_conninfo is not set');
    if (conninfo.hosts.length < 2)
      return pass(`primary_conninfo names ${conninfo.hosts.length === 1 ? 'one host' : 'no host that could be read'}`);
    const { targetSessionAttrs } = conninfo;
    if (targetSessionAttrs !== undefined && targetSessionAttrs !== 'any')
      return pass(`target_session_attrs=${targetSessionAttrs} selects the host`);
    const hosts = conninfo.hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
    return fail({
      message: `primary_conninfo (${placeOf(conninfo)}) lists ${hosts} and accepts any of them, so the standby can end up following another standby.`,
      where: whereItStands(conninfo),
      evidence: [evidence('primary_conninfo', conninfo.text, placeOf(conninfo))],
      remedy: safe(
        'Accept only the primary.',
        ...connectWith(
          {
            ...facts,
            standbyConninfo: seen(conninfo, placeOf(conninfo)),
            dataDirectory: seen(dataDirectory, dataDirectory.path),
          },
          { target_session_attrs: 'read-write' },
          {},
        ),
      ),
    });
  },
});

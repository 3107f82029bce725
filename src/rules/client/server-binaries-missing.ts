import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { installing } from '../../remedies/installing.ts';

export const serverBinariesMissing = defineRule({
  id: 'client/server-binaries-missing',
  title: "No server of the primary's release is installed on this machine",
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['clientTools', 'primary', 'baseBackup'],
  docs: {
    what: "Looks for `postgres` of the primary's major release on this machine.",
    why: 'A standby must have the same major release as its primary. Without it, a base backup can be taken, but the standby cannot start.',
    notes: 'This does not matter if the standby runs in its own container.',
    references: ['Planning: https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-PLANNING'],
  },
  judge({ clientTools: { servers }, primary, baseBackup }) {
    const server = servers.find(({ major }) => major === primary.major);
    if (server !== undefined) return pass(`${server.path} is PostgreSQL ${server.version}`);
    const others = servers.map(({ path, version }) => `${version} (${path})`).join(', ');
    return fail({
      message: `The primary runs PostgreSQL ${primary.version}, and a standby needs a server of the same major release. This machine has ${others === '' ? 'none' : `only ${others}`}.`,
      where: at('client'),
      evidence: [
        evidence('servers on this machine', others === '' ? 'none' : others, 'PATH and the usual directories'),
      ],
      remedy: safe(
        'Install it before you start the standby.',
        manual('client', installing('server', primary.major, baseBackup)),
      ),
    });
  },
});

import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { installing } from './installing.ts';

export const serverBinariesMissing = defineRule({
  id: 'client/server-binaries-missing',
  title: "No server of the primary's release is installed here",
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['clientTools', 'primary'],
  docs: {
    what: "Looks for `postgres` of the primary's major release on this machine.",
    why: 'A standby must be of the same major release as its primary. The copy can be made without it, and not started.',
    notes: 'It does not matter when the server runs in a container of its own.',
    references: ['PostgreSQL manual, section 26.2.1, Planning'],
  },
  judge({ clientTools: { servers }, primary }) {
    const server = servers.find(({ major }) => major === primary.major);
    if (server !== undefined) return pass(`${server.path} is PostgreSQL ${server.version}`);
    const others = servers.map(({ path, version }) => `${version} (${path})`).join(', ');
    return fail({
      message: `The primary runs PostgreSQL ${primary.version}, and a standby needs a server of the same major release. Here ${others === '' ? 'none is installed' : `are only ${others}`}.`,
      where: at('client'),
      evidence: [evidence('servers here', others === '' ? 'none' : others, 'PATH and the usual places')],
      remedy: safe('Install it before the standby is started.', manual('client', installing('server', primary.major))),
    });
  },
});

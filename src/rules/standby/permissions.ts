import { isDataDirectory } from '../../facts/standby.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { intoUse } from './signal.ts';

export const dataDirectoryPermissions = defineRule({
  id: 'standby/permissions',
  title: 'The data directory is open to others, so that the server does not start on it',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  wants: ['standbyControl'],
  explains: [...notStreaming],
  says: ['data directory "%s" has invalid permissions'],
  docs: {
    what: 'Fails when the data directory has another mode than 0700 or 0750.',
    why: 'The server looks at it when it starts, and refuses.',
    notes: 'While the server runs nobody looks: then it is a warning, for the next start fails.',
    references: ['backend/utils/init/miscinit.c, checkDataDir()', 'common/file_perm.h, PG_MODE_MASK_GROUP'],
  },
  judge({ dataDirectory, standbyControl }) {
    const { path, mode, postmaster } = dataDirectory;
    if (!isDataDirectory(dataDirectory)) return notApplicable(`${path} is no data directory`);
    const shown = mode.toString(8).padStart(4, '0');
    // checkDataDir() masks with 0027: write for the group, and anything for others
    if ((mode & 0o027) === 0) return pass(`${path} has mode ${shown}`);
    const runs = postmaster?.process === 'running';
    const close = modeSet('standby', path, (mode & 0o050) === 0 || (mode & 0o007) !== 0 ? '0700' : '0750', mode);
    return fail({
      severity: runs ? 'warning' : 'error',
      message: `${path} has mode ${shown}, and the server accepts 0700 and 0750 only: ${runs ? 'it runs, and will not start again' : 'it refuses to start'}.`,
      where: at('standby', undefined, path),
      evidence: [evidence('mode', shown, `stat ${path}`)],
      remedy: runs
        ? safe('Close it to others; the server goes on.', close)
        : safe('Close it to others, and start the server.', close, intoUse(standbyControl, dataDirectory)),
    });
  },
});

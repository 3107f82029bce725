import { isDataDirectory } from '../../facts/data-directory.ts';
import { safe } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { modeText } from '../../postgres/file-mode.ts';

export const dataDirectoryPermissions = defineRule({
  id: 'standby/permissions',
  title: 'The data directory is accessible to group or others',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  wants: ['standbyControl'],
  explains: [...notStreaming],
  messages: ['data-dir-invalid-permissions'],
  docs: {
    what: 'Fails when the mode of the data directory is neither 0700 nor 0750.',
    why: 'The server checks the mode at startup and refuses to start.',
    notes: 'A running server does not check it again, so it is a warning then: the next start fails.',
    references: [
      'src/backend/utils/init/miscinit.c: checkDataDir()',
      'src/include/common/file_perm.h: PG_MODE_MASK_GROUP',
    ],
  },
  judge({ dataDirectory, standbyControl }) {
    const { path, mode, postmaster } = dataDirectory;
    if (!isDataDirectory(dataDirectory)) return notApplicable(`${path} is not a data directory`);
    const shown = modeText(mode);
    // checkDataDir() masks with 0027: write for the group, and anything for others
    if ((mode & 0o027) === 0) return pass(`${path} has mode ${shown}`);
    const runs = postmaster?.process === 'running';
    const close = modeSet('standby', path, (mode & 0o050) === 0 || (mode & 0o007) !== 0 ? '0700' : '0750', mode);
    return fail({
      severity: runs ? 'warning' : 'error',
      message: `${path} has mode ${shown}, but the server accepts only 0700 and 0750: ${runs ? 'it is running, but will not start again' : 'it refuses to start'}.`,
      where: at('standby', undefined, path),
      evidence: [evidence('mode', shown, `stat ${path}`)],
      remedy: runs
        ? safe('Restrict it to its owner. The server keeps running.', close)
        : safe('Restrict it to its owner, and start the server.', close, intoUse(standbyControl, dataDirectory)),
    });
  },
});

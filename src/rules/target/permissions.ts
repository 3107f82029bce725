import { at, safe } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const permissions = defineRule({
  id: 'target/permissions',
  title: 'The target directory is open to others, so that no server will start on it',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory', 'baseBackup'],
  says: ['data directory "%s" has invalid permissions'],
  docs: {
    what: 'Fails when the directory that `-D` names exists, is empty, and has another mode than 0700 or 0750.',
    why: 'pg_basebackup succeeds and leaves the mode of a directory that exists as it is. The server then refuses to start: "data directory … has invalid permissions".',
    notes:
      'A directory that pg_basebackup makes itself gets the right mode. For an archive (`-Ft`) the mode does not matter.',
    references: ['backend/utils/init/miscinit.c, checkDataDir()', 'common/file_perm.h, PG_MODE_MASK_GROUP'],
  },
  judge({ targetDirectory: { path, state }, baseBackup }) {
    if (baseBackup.format === 'tar') return notApplicable('no server starts on the directory of an archive');
    if (state.kind !== 'directory')
      return pass(`${path} is no directory yet: pg_basebackup makes one with the right mode`);
    const mode = octal(state.mode);
    // checkDataDir() masks with 0027: write for the group, and anything for others
    if ((state.mode & 0o027) === 0) return pass(`${path} has mode ${mode}`);
    if (state.entries.length > 0)
      return notApplicable(`${path} is not empty: what replaces it will have a mode of its own`);
    return fail({
      message: `${path} has mode ${mode}. pg_basebackup would copy into it and leave the mode, and the server would refuse to start: it accepts 0700 and 0750 only.`,
      where: at('client', undefined, path),
      evidence: [evidence('mode', mode, `stat ${path}`)],
      remedy: safe('Close it to others.', modeSet('client', path, '0700', state.mode)),
    });
  },
});

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

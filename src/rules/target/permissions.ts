import { safe } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { modeText } from '../../postgres/file-mode.ts';

export const permissions = defineRule({
  id: 'target/permissions',
  title: 'The target directory is accessible to group or others',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory', 'baseBackup'],
  messages: ['data-dir-invalid-permissions'],
  docs: {
    what: 'Fails if the target directory (`-D`) exists, is empty, and has another mode than 0700 or 0750.',
    why: 'pg_basebackup succeeds, but does not change the mode of an existing directory. The server then refuses to start: "data directory … has invalid permissions".',
    notes:
      'A directory that pg_basebackup creates itself gets the correct mode. For an archive (`-Ft`) the mode does not matter, nor does that of `PGDATA` in a container of the official image, whose entrypoint sets it at each start.',
    references: [
      'src/backend/utils/init/miscinit.c: checkDataDir()',
      'src/include/common/file_perm.h: PG_MODE_MASK_GROUP',
    ],
  },
  judge({ targetDirectory: { path, state, modeIsSet }, baseBackup }) {
    if (baseBackup.format === 'tar') return notApplicable('no server starts on an archive directory');
    if (state.kind !== 'directory')
      return pass(`${path} is not a directory yet: pg_basebackup creates it with the correct mode`);
    const mode = modeText(state.mode);
    // checkDataDir() masks with 0027: write for the group, and anything for others
    if ((state.mode & 0o027) === 0) return pass(`${path} has mode ${mode}`);
    if (state.entries.length > 0)
      return notApplicable(`${path} is not empty: the directory that replaces it will have its own mode`);
    if (modeIsSet === true)
      return pass(`${path} has mode ${mode}, and the entrypoint of its container sets 0700 before the server starts`);
    return fail({
      message: `${path} has mode ${mode}. pg_basebackup does not change the mode, and a server starts only with 0700 or 0750.`,
      where: at('client', undefined, path),
      evidence: [evidence('mode', mode, `stat ${path}`)],
      remedy: safe('Set the mode to 0700.', modeSet('client', path, '0700', state.mode)),
    });
  },
});

import { textOf } from '../../facts/settings.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const compressionNotBuiltIn = defineRule({
  id: 'platform/compression-not-built-in',
  title: 'The standby does not support the WAL compression of the primary',
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['primarySettings', 'localPlatform'],
  messages: ['restore-image-compression'],
  docs: {
    what: 'Compares wal_compression of the primary (lz4 or zstd, 15 and later) with the methods that the server program on this machine was built with.',
    why: 'The standby cannot read full page images in such WAL: replay stops with "could not restore image … compressed with … not supported by build".',
    notes: 'pglz (`on` before 15, and `pglz`) is always built in.',
    references: [
      'src/backend/access/transam/xlogreader.c: RestoreBlockImage()',
      'wal_compression: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-WAL-COMPRESSION',
    ],
  },
  judge({ primarySettings, localPlatform: { compression } }) {
    const method = textOf(primarySettings, 'wal_compression');
    if (method === undefined)
      return unexamined({ kind: 'permission', because: 'the primary does not show wal_compression' });
    if (method !== 'lz4' && method !== 'zstd') return pass(`wal_compression is ${method}, which needs no library`);
    if (compression === undefined)
      return notApplicable('no server is installed on this machine (client/server-binaries-missing)');
    if (compression.includes(method)) return pass(`the server on this machine was built with ${method}`);
    return fail({
      message: `The primary compresses WAL with ${method}, but the server on this machine was built without it: replay would stop at the first such page.`,
      where: at('client'),
      evidence: [
        evidence('wal_compression', method, 'the primary'),
        evidence(
          'built in on this machine',
          compression.length === 0 ? 'pglz only' : ['pglz', ...compression].join(', '),
          'the postgres program',
        ),
      ],
      remedy: safe(
        'Install a server that supports it.',
        manual(
          'client',
          `Install a server that was built with ${method} (configure --with-${method}), such as the packages of postgresql.org or of the distribution.`,
        ),
      ),
    });
  },
});

import type { ControlFileFault } from '../../postgres/control-file.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const controlFileDamaged = defineRule({
  id: 'standby/control-file-damaged',
  title: 'The control file is damaged',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['controlFile', 'dataDirectory', 'now'],
  wants: [...newCopyFacts],
  explains: [...notStreaming, 'standby/signal-missing', 'standby/version-mismatch', 'wal/gap'],
  messages: ['control-incorrect-checksum', 'controldata-crc'],
  docs: {
    what: 'Reads global/pg_control directly and checks its length, version, checksum and values. If the checksum differs, the file is read again, because the server may be writing it.',
    why: 'No server starts without it. pg_resetwal can write a new one, but the result can no longer be a standby.',
    references: [
      'src/include/catalog/pg_control.h: ControlFileData',
      'src/common/controldata_utils.c: get_controlfile()',
      'src/backend/access/transam/xlog.c: ReadControlFile()',
    ],
  },
  judge(facts) {
    const { controlFile, dataDirectory } = facts;
    const file = `${dataDirectory.path}/global/pg_control`;
    if (controlFile.ok)
      return pass(`the checksum of ${file} is correct (system identifier ${controlFile.value.systemIdentifier})`);
    if (controlFile.absent) return notApplicable(`${file} does not exist`);
    const { words, label, value } = told(controlFile.fault);
    return fail({
      message: `${file} ${words}. The server cannot start with it.`,
      where: at('standby', undefined, file),
      evidence: [evidence(label, value, file)],
      remedy: newCopy(facts),
    });
  },
});

function told(fault: ControlFileFault): { readonly words: string; readonly label: string; readonly value: string } {
  switch (fault.kind) {
    case 'too-short':
      return {
        words: `has ${fault.bytes} bytes, but at least ${fault.needed} are needed`,
        label: 'size',
        value: `${fault.bytes} bytes`,
      };
    case 'unsupported-version':
      return {
        words:
          fault.release === null ? 'is not a PostgreSQL control file' : `was written by PostgreSQL ${fault.release}`,
        label: 'pg_control_version',
        value: String(fault.controlVersion),
      };
    case 'crc-differs':
      return {
        words: 'does not match its checksum',
        label: 'checksum',
        value: `stored: ${hex(fault.stored)}, calculated: ${hex(fault.computed)}`,
      };
    case 'value-out-of-range':
      return {
        words: `holds a value that no server writes (${fault.member})`,
        label: fault.member,
        value: fault.value,
      };
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0').toUpperCase()}`;

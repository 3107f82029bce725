import type { ControlFileFault } from '../../postgres/control-file.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { at } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const controlFileDamaged = defineRule({
  id: 'standby/control-file-damaged',
  title: 'The control file is damaged',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['controlFile', 'dataDirectory', 'now'],
  wants: [...newCopyFacts],
  explains: [...notStreaming, 'standby/signal-missing', 'standby/version-mismatch', 'wal/gap'],
  says: ['incorrect checksum in control file', 'calculated CRC checksum does not match value stored in control file'],
  docs: {
    what: 'Reads global/pg_control without a server: its length, its version, its checksum, the values in it. A checksum that differs is read again, for the server may be writing it.',
    why: 'Without it no server starts. pg_resetwal can write another one, and the result is no standby of anything any more.',
    references: [
      'catalog/pg_control.h',
      'common/controldata_utils.c, get_controlfile()',
      'access/transam/xlog.c, ReadControlFile()',
    ],
  },
  judge(facts) {
    const { controlFile, dataDirectory } = facts;
    const file = `${dataDirectory.path}/global/pg_control`;
    if (controlFile.ok)
      return pass(`the checksum of ${file} is right (system identifier ${controlFile.value.systemIdentifier})`);
    if (controlFile.absent) return notApplicable(`${file} is not there`);
    const { words, label, value } = told(controlFile.fault);
    return fail({
      message: `${file} ${words}: no server starts with it.`,
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
        words: `has ${fault.bytes} bytes, and ${fault.needed} are needed at the least`,
        label: 'size',
        value: `${fault.bytes} bytes`,
      };
    case 'unsupported-version':
      return {
        words:
          fault.release === null ? 'is no control file of PostgreSQL' : `was written by PostgreSQL ${fault.release}`,
        label: 'pg_control_version',
        value: String(fault.controlVersion),
      };
    case 'crc-differs':
      return {
        words: 'does not fit its checksum',
        label: 'checksum',
        value: `${hex(fault.stored)} is stored, ${hex(fault.computed)} is right`,
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

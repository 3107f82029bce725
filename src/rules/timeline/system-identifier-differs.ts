import { at } from '../../remedies/remedy.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const systemIdentifierDiffers = defineRule({
  id: 'timeline/system-identifier-differs',
  title: 'This directory is not a copy of the server that it follows',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'controlFile', 'primary'],
  wants: [...newCopyFacts],
  explains: [...notStreaming, 'recovery/settings-lower-than-primary'],
  says: ['database system identifier differs between the primary and standby'],
  docs: {
    what: 'Compares the system identifier in global/pg_control with that of the server that primary_conninfo leads to.',
    why: 'initdb gives each cluster an identifier of its own, and a copy shares it. WAL of another cluster means nothing here: the WAL receiver refuses it at once.',
    notes:
      'Two causes look alike: primary_conninfo leads to the wrong server, or this directory was initialised (by a container’s entrypoint, say) and never copied. Where the primary itself was made anew, every standby needs a new copy.',
    references: ['src/backend/replication/walreceiver.c: WalReceiverMain()'],
  },
  judge(facts) {
    const { controlFile, primary } = facts;
    if (!controlFile.ok) return unexamined({ kind: 'unreadable', because: 'global/pg_control cannot be read' });
    const own = controlFile.value.systemIdentifier;
    if (own === primary.systemIdentifier) return pass(`both have the system identifier ${own}`);
    return fail({
      message: `This directory has the system identifier ${own}, and ${primary.address}:${primary.port} has ${primary.systemIdentifier}: it is no copy of that server, and its WAL does not fit. If another server is meant, correct host and port in primary_conninfo; else a new copy is the only way.`,
      where: at('standby'),
      evidence: [
        evidence('here', String(own), 'pg_control'),
        evidence('there', String(primary.systemIdentifier), 'IDENTIFY_SYSTEM'),
      ],
      remedy: newCopy(facts),
    });
  },
});
